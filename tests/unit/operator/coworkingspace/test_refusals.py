"""Refused spaces: who waits for a slug asks again when it gets free, nobody else does."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from mesto.common.http.internal_client import RequestRejected
from mesto.contracts.spaces import SpaceState, SpaceUpsert, SpaceUpsertResult, fingerprint
from mesto.operator.cache import Key, Resource, ResourceCache, StateCache
from mesto.operator.controller import ControllerContext
from mesto.operator.kinds.coworkingspace import plan
from mesto.operator.kinds.coworkingspace.apply import Spaces
from mesto.operator.kinds.coworkingspace.spec import KIND
from mesto.operator.queue import WorkQueue
from support.clients.spaces import conditions, space

CONFLICT = RequestRejected(409, "slug-conflict", "The slug is taken.", {})
INVALID = RequestRejected(422, "invalid-space", "It makes no sense.", {})


class Cluster:
    """Takes statuses."""

    async def set_status(self, _plural: str, resource: Resource, status: dict[str, Any]) -> Resource:
        version = str(int(resource["metadata"]["resourceVersion"]) + 1)
        return resource | {"status": status, "metadata": resource["metadata"] | {"resourceVersion": version}}


class Catalog:
    """Counts what it is asked; refuses by slug."""

    def __init__(self) -> None:
        self.refused: dict[str, RequestRejected] = {}
        self.asked: Counter[str] = Counter()

    async def upsert(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        self.asked[body.slug] += 1
        if body.slug in self.refused:
            raise self.refused[body.slug]
        return SpaceUpsertResult(outcome="created", state=state_of(uid, body))


def state_of(uid: UUID, body: SpaceUpsert, *, removed: bool = False) -> SpaceState:
    return SpaceState.model_validate(
        {
            "uid": uid,
            "namespace": body.namespace,
            "name": body.name,
            "space_id": uuid4(),
            "slug": body.slug,
            "url": "https://x",
            "revision": body.generation,
            "generation": body.generation,
            "removed": removed,
            "fingerprint": fingerprint(body.slug, body.spec.model_dump(mode="json")),
            "bookable": {"status": False, "reason": "AwaitingBooking"},
        }
    )


class Stage:
    """The controller of spaces with an API server and a catalog of a few lines."""

    def __init__(self) -> None:
        self.resources, self.queue = ResourceCache(), WorkQueue[Key](call_later=cast(Any, self._later))
        self.planned: list[float] = []
        context = ControllerContext(cast(Any, Cluster()), self.resources, cast(Any, None), self.queue)
        self.catalog, self.doubts = Catalog(), 0
        self.spaces = Spaces(context, cast(Any, None), StateCache(), 120)
        self.spaces.upsert_client = self.spaces.resync_client = cast(Any, self.catalog)
        self.spaces.on_missing_suspected = self._doubt
        self.spaces.publish_event = lambda *_: None  # type: ignore[method-assign]

    def _later(self, delay: float, _run: Any) -> Any:
        self.planned.append(delay)
        return cast(Any, type("Timer", (), {"cancel": lambda _self: None}))()

    def _doubt(self) -> None:
        self.doubts += 1

    def declare(self, name: str, version: int = 1, **spec: Any) -> tuple[Key, UUID]:
        manifest, key = space(name, **spec), Key(KIND.plural, "moscow", name)
        known = self.resources.get(key)
        uid = known["metadata"]["uid"] if known else str(uuid4())
        metadata = {"namespace": "moscow", "uid": uid, "generation": version, "resourceVersion": str(version * 100)}
        manifest["metadata"] |= metadata | {"finalizers": [plan.FINALIZER]}
        self.resources.update(KIND.plural, manifest)
        return key, UUID(uid)

    def body(self, key: Key) -> SpaceUpsert:
        resource = self.resources.get(key)
        assert resource is not None
        body = plan.parse_spec(resource).body
        assert body is not None
        return body

    async def work(self) -> None:
        """Until the queue is empty; planned attempts stay planned."""
        while len(self.queue):
            key, _ = await self.queue._next()
            later = await self.spaces.reconcile(key)
            if later is not None:
                self.queue.add_after(key, later)
            self.queue._running.discard(key)

    def reason(self, key: Key) -> str:
        resource = self.resources.get(key)
        assert resource is not None
        return str(conditions(resource)["Ready"]["reason"])


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def refused(stage: Stage, name: str, why: RequestRejected) -> Key:
    stage.catalog.refused[name] = why
    key, _ = stage.declare(name)
    stage.queue.add(key)
    await stage.work()
    return key


async def test_300_deletions_wake_only_who_waits_for_one_of_their_slugs(stage: Stage) -> None:
    for number in range(5):
        await refused(stage, f"taken-{number}", CONFLICT)
    await refused(stage, "nonsense", INVALID)
    assert sum(stage.catalog.asked.values()) == 6
    template = stage.body(Key(KIND.plural, "moscow", "taken-0"))
    for number in range(300):
        slug = "taken-3" if number == 150 else f"gone-{number}"
        body = template.model_copy(update={"name": f"gone-{number}", "slug": slug})
        stage.spaces.on_state(state_of(uuid4(), body, removed=True))
        await stage.work()
    assert sum(stage.catalog.asked.values()) == 7
    assert stage.catalog.asked["taken-3"] == 2


@pytest.mark.parametrize("told_by", ["feed", "answer"])
async def test_a_slug_freed_by_a_rename_wakes_who_waits_for_it(stage: Stage, told_by: str) -> None:
    holder, uid = stage.declare("attic", slug="loft")
    stage.queue.add(holder)
    await stage.work()
    waiting = await refused(stage, "loft", CONFLICT)
    stage.catalog.refused.clear()
    renamed, _ = stage.declare("attic", version=2, slug="attic")
    if told_by == "answer":
        stage.queue.add(renamed)
    else:
        stage.spaces.on_state(state_of(uid, stage.body(renamed)))
    await stage.work()
    assert stage.reason(waiting) == "AwaitingBooking"


async def test_what_is_invalid_waits_for_a_new_generation_or_for_who_asks(stage: Stage) -> None:
    key = await refused(stage, "nonsense", INVALID)
    assert stage.planned == []
    for _ in range(3):
        stage.spaces.forced.add(key)  # a resync
        stage.queue.add(key)
        await stage.work()
    assert stage.catalog.asked["nonsense"] == 1
    resource = stage.resources.get(key)
    assert resource is not None
    resource["metadata"] |= {"annotations": {"mesto.dev/resync": "now"}, "resourceVersion": "150"}
    stage.resources.update(KIND.plural, resource)
    stage.queue.add(key)
    await stage.work()
    assert stage.catalog.asked["nonsense"] == 2
    stage.declare("nonsense", version=2, address="Покровка, 1")
    stage.queue.add(key)
    await stage.work()
    assert stage.catalog.asked["nonsense"] == 3


async def test_a_conflict_is_asked_about_again_after_a_while_and_raises_one_doubt(stage: Stage) -> None:
    key = await refused(stage, "taken", CONFLICT)
    assert (stage.planned, stage.doubts) == ([120], 1)
    stage.spaces.resync_space(key.namespace, key.name)
    await stage.work()
    assert (stage.catalog.asked["taken"], stage.doubts) == (2, 1)
