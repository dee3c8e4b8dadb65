"""The parts of the operators' benchmark: cold starts, resync, steady state, failover."""
