"""FastAPI runs plain functions in a thread: a dependency that only looks something up costs less than that."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from mestolocal.ports import SERVICES


def calls(router: Any) -> Iterator[Any]:
    """Every dependency of every route, of included routers too."""
    yield from (declared.dependency for declared in router.dependencies)
    waiting = []
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from calls(route.original_router)
        elif hasattr(route, "dependant"):
            waiting.append(route.dependant)
    while waiting:
        found = waiting.pop()
        waiting += found.dependencies
        yield from (dependency.call for dependency in found.dependencies)


def is_coroutine(call: Any) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


@pytest.mark.parametrize("service", SERVICES)
def test_no_dependency_of_a_route_takes_a_thread(service: str) -> None:
    apps = importlib.import_module(f"mesto.{service}.app").openapi_apps()
    found = [call for app in apps.values() for call in calls(app.router)]
    assert found, "the routes of this service have no dependency"
    assert [call for call in found if not is_coroutine(call)] == []
