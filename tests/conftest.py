"""Fixtures shared by all tests; tests/support has them, so a test file needs no import."""

from __future__ import annotations

import os

import pytest
import structlog
from hypothesis import settings
from mestolocal.paths import cache_root
from mestolocal.rabbitmq import RabbitMQ
from mestolocal.server import Child
from support import forked
from support.clients import public_roots
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

pytest_plugins = ["support.servers.session_servers", "support.servers.platform", "support.servers.kent"]

# What Hypothesis reckons of Unicode and finds in our modules is the same each time: a tenth of schemathesis' time.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_root() / "hypothesis"))

# A deadline for each example would judge the machine. The same examples in each run, so that who changes something is
# not stopped by what others wrote long ago; `make check-rules` looks for new ones.
settings.register_profile("mesto", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("MESTO_EXAMPLES", "mesto"))

public_roots.share()

# Hundreds of processes of ours are started here.
Child.spawn = staticmethod(forked.spawn)

# Several processes share few cores: threads of the Erlang VM that wake each other take more of the CPU.
RabbitMQ.flags += " +S 1:1 +SDcpu 1:1 +SDio 1"

# As our processes log. structlog's own default renders each exception with all local variables, which takes seconds.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# Several processes share the tests, a file at a time: the tests of a file build on each other, and what it starts is
# started once; those of a folder of _TOGETHER share a platform. The longest come first, so that all processes end
# together.
_TOGETHER = ("tests/e2e/whole_platform/", "tests/e2e/kills/")
LONGEST = (
    "e2e/kills/",
    "e2e/whole_platform/",
    "properties/test_apis",
    "integration/benchmarks/",
    "integration/chart/",
    "integration/audit/",
    "e2e/test_killed_migrations",
    "integration/slow/",
    "integration/images/",
    "integration/operator/",
    "e2e/",
    "properties/",
    "integration/",
)


class _Sharing(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in _TOGETHER if nodeid.startswith(folder)), None)
        return folder or super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, part in enumerate(LONGEST) if f"tests/{part}" in item.nodeid), len(LONGEST))

    for item in items:
        if "tests/e2e/" in item.nodeid and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600))
    items.sort(key=place)
