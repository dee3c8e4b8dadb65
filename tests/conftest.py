"""Fixtures shared by all tests; tests/support has them, so a test file needs no import."""

from __future__ import annotations

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["support.servers", "support.platform", "support.kent"]

# A deadline for each example would judge the machine.
settings.register_profile("mesto", deadline=None)
settings.load_profile("mesto")

# As our processes log. structlog's own default renders each exception with all local variables, which takes seconds.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# Two or three processes share the tests, a file at a time (`--dist loadfile` in pyproject.toml): the tests of a file
# build on each other, and what it starts is started once. The longest come first, so that all processes end together.
LONGEST = (
    "properties/test_apis",
    "integration/slow/",
    "integration/audit/",
    "integration/chart/",
    "integration/images/",
    "integration/operator/",
    "integration/benchmarks/",
    "properties/",
    "integration/",
    "e2e/test_planted_bugs",
    "e2e/test_kills",
    "e2e/test_seeing",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, part in enumerate(LONGEST) if f"tests/{part}" in item.nodeid), len(LONGEST))

    items.sort(key=place)
