"""Fixtures shared by all tests; tests/support has them, so a test file needs no import."""

pytest_plugins = ["support.servers", "support.platform", "support.kent"]
