"""What the benchmarks share: servers to measure on, a load generator, captured SQL, rounds and the table."""
