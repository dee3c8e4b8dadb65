"""Fixtures shared by all tests; tests/support has them, so a test file needs no import."""

from __future__ import annotations

import os

import pytest
import structlog
from hypothesis import settings
from mestolocal.paths import cache_root
from mestolocal.server import Child
from support import forked

pytest_plugins = ["support.servers.session_servers", "support.servers.platform", "support.servers.kent"]

# What Hypothesis reckons of Unicode and finds in our modules is the same each time: a tenth of schemathesis' time.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_root() / "hypothesis"))

# A deadline for each example would judge the machine. The same examples in each run, so that who changes something is
# not stopped by what others wrote long ago; `make check-rules` looks for new ones.
settings.register_profile("mesto", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("MESTO_EXAMPLES", "mesto"))

# Hundreds of processes of ours are started here.
Child.spawn = staticmethod(forked.spawn)

# As our processes log. structlog's own default renders each exception with all local variables, which takes seconds.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# Three or four processes share the tests, a file at a time (`--dist loadfile` in pyproject.toml): the tests of a file
# build on each other, and what it starts is started once. The longest come first, so that all processes end together.
LONGEST = (
    "integration/benchmarks/",
    "properties/test_apis",
    "integration/slow/",
    "integration/audit/",
    "integration/chart/",
    "integration/images/",
    "integration/operator/",
    "properties/",
    "integration/",
    "e2e/test_planted_bugs",
    "e2e/test_killed_migrations",
    "e2e/test_kills",
    "e2e/test_journeys",
    "e2e/test_seeing",
    "e2e/test_pages",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, part in enumerate(LONGEST) if f"tests/{part}" in item.nodeid), len(LONGEST))

    items.sort(key=place)
