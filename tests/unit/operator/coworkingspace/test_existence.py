"""Spaces against resources, in both directions: what is found, what is done about it and when nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from mesto.common.http.internal_client import RequestRejected
from mesto.contracts.spaces import Comparison
from mesto.operator.existence import COMPARED, DIFFERENCES, Existence
from mesto.operator.queue import RetryLater

GRACE = 900.0
ONE, TWO = UUID(int=1), UUID(int=2)
NAMES = {ONE: ("moscow", "loft"), TWO: ("moscow", "attic")}


class World:
    """A catalog and an API server of a few lines, and what was done to them."""

    def __init__(self, *rows: UUID, existing: tuple[UUID, ...] = (), namespaces: tuple[str, ...] = ()) -> None:
        self.rows: dict[UUID, dict[str, Any]] = {uid: self.row(uid) for uid in rows}
        self.existing, self.namespaces = {uid: NAMES[uid] for uid in existing}, namespaces
        self.asked: list[tuple[str, ...]] = []
        self.reports: list[Comparison] = []
        self.unpublished: list[UUID] = []
        self.stored: dict[UUID, tuple[str, str]] = {}
        self.told: list[str] = []
        self.freed: list[str] = []
        self.failure: Exception | None = None

    @staticmethod
    def row(uid: UUID) -> dict[str, Any]:
        namespace, name = NAMES[uid]
        return {"uid": str(uid), "namespace": namespace, "name": name, "slug": name, "missing_since": None}

    def miss(self, uid: UUID, seconds: float) -> None:
        self.rows[uid]["missing_since"] = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()

    async def call(self, method: str, path: str, **options: Any) -> Any:
        uid = path.rpartition("/")[2]
        match method, path:
            case "GET", "/internal/spaces/managed":
                self.asked.append(tuple(options["params"]["namespace"]))
                rows = list(self.rows.values())
                at = int(options["params"]["cursor"] or 0)
                return {"items": rows[at : at + 1], "next_cursor": str(at + 1) if at + 1 < len(rows) else None}
            case "POST", "/internal/spaces/comparison":
                self.reports.append(Comparison.model_validate(options["json"]))
            case "GET", _:
                if UUID(uid) not in self.rows:
                    raise RequestRejected(404, "not-found", "", {})
            case "DELETE", _:
                assert options["params"] == {"policy": "retain"}
                self.unpublished.append(UUID(uid))
        return None

    async def existing_(self, _plural: str, namespace: str) -> dict[UUID, tuple[str, str]]:
        self.asked.append((namespace,))
        if self.failure:
            raise self.failure
        return {uid: name for uid, name in self.existing.items() if namespace in ("", name[0])}

    async def uid_of(self, _plural: str, namespace: str, name: str) -> UUID | None:
        return next((uid for uid, known in self.existing.items() if known == (namespace, name)), None)

    async def compare(self) -> None:
        cluster = cast(Any, type("Cluster", (), {"existing": self.existing_, "uid_of": self.uid_of}))
        await Existence(
            cast(Any, self),
            cluster,
            self.namespaces,
            stored=lambda: self.stored,
            resync=lambda namespace, name: self.told.append(f"{namespace}/{name}"),
            on_slug_released=self.freed.append,
            every=300,
            grace=GRACE,
        ).compare_now()


def gauge(what: str) -> float:
    return DIFFERENCES.labels(what)._value.get()


async def test_a_space_without_its_resource_is_reported_and_frees_its_slug_but_stays_for_the_time_of_grace() -> None:
    world = World(ONE, TWO, existing=(TWO,))
    await world.compare()
    assert [(report.missing, report.found, report.unstored) for report in world.reports] == [([ONE], [], [])]
    assert world.freed == ["loft"]
    assert world.unpublished == []
    assert gauge("space_without_resource") == 1
    assert COMPARED.labels("*")._value.get() > 0


@pytest.mark.parametrize(("seconds", "unpublished"), [(GRACE - 60, []), (GRACE + 60, [ONE])])
async def test_what_has_been_missing_for_long_enough_is_unpublished_like_a_retained_one(
    seconds: float, unpublished: list[UUID]
) -> None:
    world = World(ONE, TWO, existing=(TWO,))
    world.miss(ONE, seconds)
    await world.compare()
    assert world.unpublished == unpublished
    assert gauge("space_without_resource") == (0 if unpublished else 1), "what is settled is told no more"
    assert world.reports[0].missing == [], "it is known already"


async def test_nothing_is_unpublished_on_an_empty_list_of_resources() -> None:
    world = World(ONE, TWO)
    for uid in (ONE, TWO):
        world.miss(uid, GRACE * 10)
    await world.compare()
    assert world.unpublished == []
    assert gauge("space_without_resource") == 2


async def test_nothing_is_done_when_resources_cannot_be_listed() -> None:
    world = World(ONE, TWO, existing=(TWO,))
    world.miss(ONE, GRACE * 10)
    world.failure = RetryLater("the API server does not answer")
    with pytest.raises(RetryLater):
        await world.compare()
    assert (world.reports, world.unpublished, world.freed) == ([], [], [])


async def test_a_resource_that_is_back_is_missing_no_more() -> None:
    world = World(ONE, existing=(ONE,))
    world.miss(ONE, GRACE * 10)
    await world.compare()
    assert world.reports[0].found == [ONE]
    assert world.unpublished == []


async def test_only_the_namespaces_that_are_watched_are_compared_and_spaces_are_read_first() -> None:
    world = World(ONE, existing=(ONE,), namespaces=("moscow", "berlin"))
    await world.compare()
    assert world.asked == [("moscow", "berlin"), ("moscow",), ("berlin",)]
    assert world.reports[0].namespaces == ["moscow", "berlin"]


async def test_a_resource_that_says_it_is_stored_and_is_not_is_reported_and_told_anew() -> None:
    world = World(ONE, existing=(ONE, TWO))
    world.stored = {ONE: NAMES[ONE], TWO: NAMES[TWO], uuid4(): ("moscow", "gone")}
    await world.compare()
    assert world.reports[0].unstored == ["moscow/attic"]
    assert world.told == ["moscow/attic"]
    assert gauge("resource_without_space") == 1
