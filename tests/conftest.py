"""Fixtures shared by all tests; tests/support/servers.py has them, so a test file needs no import."""

pytest_plugins = ["support.servers"]
