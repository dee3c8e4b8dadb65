"""What the API server lists, in all the ways in which it says that there is nothing."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self, cast
from uuid import UUID

import pytest
from mesto.operator.cluster import Cluster

UID = UUID(int=7)
ONE = {"metadata": {"uid": str(UID), "namespace": "moscow", "name": "loft"}}


class Answer:
    """One page as aiohttp gives it."""

    status, reason = 200, "OK"

    def __init__(self, page: Any) -> None:
        self._text = json.dumps(page).encode()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None: ...

    async def read(self) -> bytes:
        return self._text


@pytest.mark.parametrize("namespace", ["", "moscow"])
@pytest.mark.parametrize("none", [None, []])
async def test_a_list_without_anything_is_an_empty_one(none: list[Any] | None, namespace: str) -> None:
    pages = [
        {"items": none, "metadata": {"continue": "more"}},
        {"items": [ONE], "metadata": {"continue": "more"}},
        {"items": none, "metadata": {}},
    ]

    async def list_(*_: Any, **__: Any) -> Answer:
        return Answer(pages.pop(0))

    cluster = object.__new__(Cluster)
    cluster._custom = cast(Any, type("Api", (), {}))
    for scope in ("cluster", "namespaced"):
        setattr(cluster._custom, f"list_{scope}_custom_object_without_preload_content", list_)
    assert await cluster.existing("coworkingspaces", namespace) == {UID: ("moscow", "loft")}
    assert pages == []
