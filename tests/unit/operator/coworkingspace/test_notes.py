"""What the operator makes of the feed: no work for what it knows, one pass for answers that come together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from mesto.contracts.spaces import SpaceState, SpaceUpsertResult
from mesto.operator.cache import Key, Resource
from mesto.operator.kinds.coworkingspace import plan
from mesto.operator.kinds.coworkingspace.spec import KIND
from mesto.operator.main import Operator
from mesto.operator.settings import OperatorSettings

KEY = Key(KIND.plural, "moscow", "loft")
UID = uuid4()


def state(*answered: str, revision: int = 1, located: bool = False) -> SpaceState:
    answer = {"revision": revision, "outcome": "applied", "reason": "Applied"}
    facts: dict[str, Any] = {
        "uid": UID,
        "namespace": KEY.namespace,
        "name": KEY.name,
        "space_id": UUID(int=1),
        "slug": "loft",
        "url": "https://x",
        "revision": revision,
        "generation": 1,
        "fingerprint": "x",
        "bookable": {"status": True, "reason": "Bookable"},
        "applied": dict.fromkeys(answered, answer),
        "located": {"space_revision": revision} if located else None,
    }
    return SpaceState.model_validate(facts)


@pytest.fixture
async def operator() -> Operator:
    made = Operator(OperatorSettings(), cast(Any, None), defaultdict(lambda: cast(Any, None)))
    metadata = {"namespace": KEY.namespace, "name": KEY.name, "uid": str(UID), "resourceVersion": "1"}
    made.resources.update(KIND.plural, {"metadata": metadata})
    return made


async def worked(operator: Operator) -> list[Key]:
    """The keys that workers take now."""
    taken: list[Key] = []

    async def record_key(key: Key) -> None:
        taken.append(key)

    worker = asyncio.create_task(operator.queue.work(1, record_key))
    for _ in range(10):
        await asyncio.sleep(0)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    return taken


async def test_an_echo_of_what_is_known_is_no_work(operator: Operator) -> None:
    operator.spaces.states.update(state())
    operator._on_state(state())
    assert await worked(operator) == []
    assert operator.queue._timers == {}


async def test_the_first_of_several_answers_waits_for_the_others(operator: Operator) -> None:
    operator._on_state(state("booking"))
    assert await worked(operator) == []
    assert list(operator.queue._timers) == [KEY]
    operator._on_state(state("booking", "geo", located=True))
    assert operator.queue._timers == {}
    assert await worked(operator) == [KEY]


@pytest.mark.parametrize(("others", "seconds"), [(0, 5), (80, 20), (10_000, 300)])
async def test_an_answer_waits_longer_for_the_others_while_many_spaces_do(
    operator: Operator, others: int, seconds: int
) -> None:
    for number in range(others):
        operator.queue.add_after(Key(KIND.plural, "moscow", f"other-{number}"), 60)
    operator._on_state(state("booking"))
    planned = cast(asyncio.TimerHandle, operator.queue._timers[KEY][0])
    assert planned.when() - asyncio.get_running_loop().time() == pytest.approx(seconds, abs=0.5)


async def test_answers_one_after_the_other_do_not_put_a_planned_look_off(operator: Operator) -> None:
    operator._on_state(state("booking"))
    first = operator.queue._timers[KEY]
    operator._on_state(state("geo", revision=2))
    assert operator.queue._timers[KEY] is first


async def test_a_row_that_somebody_changed_is_work_at_once(operator: Operator) -> None:
    whole = state("booking", "geo", located=True)
    operator.spaces.states.update(whole)
    operator._on_state(whole.model_copy(update={"fingerprint": "y"}))
    assert await worked(operator) == [KEY]


async def test_a_refusal_is_an_answer_too(operator: Operator) -> None:
    refused = {"revision": 1, "outcome": "refused", "reason": "UnknownCity"}
    operator._on_state(SpaceState.model_validate(state("booking").model_dump() | {"applied": {"booking": refused}}))
    assert await worked(operator) == [KEY]


class Api:
    """Takes statuses; ``meanwhile`` are the states that the feed tells of while it takes each of them."""

    def __init__(self, operator: Operator, fingerprint: str) -> None:
        self.operator, self.fingerprint = operator, fingerprint
        self.meanwhile: list[SpaceState] = []
        self.written: list[str] = []

    def stored(self, *answered: str, located: bool = False) -> SpaceState:
        """The space as it is declared, with these answers."""
        return state(*answered, located=located).model_copy(update={"fingerprint": self.fingerprint})

    async def set_status(self, plural: str, resource: Resource, status: dict[str, Any]) -> Resource:
        self.written.append({condition["type"]: condition["reason"] for condition in status["conditions"]}["Ready"])
        if self.meanwhile:
            self.operator._on_state(self.meanwhile.pop(0))
        version = str(int(resource["metadata"]["resourceVersion"]) + 1)
        return resource | {"status": status, "metadata": resource["metadata"] | {"resourceVersion": version}}


def declared(operator: Operator) -> Api:
    """The resource as the API server has it, without a status; whoever leads."""
    metadata = {"namespace": KEY.namespace, "name": KEY.name, "uid": str(UID), "resourceVersion": "2", "generation": 1}
    spec = {"title": {"en": "Loft"}, "city": "moscow", "address": "1", "timeZone": "Europe/Moscow"}
    resource = {
        "metadata": metadata | {"finalizers": [plan.FINALIZER]},
        "spec": spec | {"location": {"latitude": 1, "longitude": 1}},
    }
    operator.resources.update(KIND.plural, resource)
    api = Api(operator, plan.parse_spec(resource).fingerprint)
    operator.spaces.context.cluster, operator.spaces.context.leading = cast(Any, api), lambda: True
    operator.spaces.publish_event = lambda *_: None  # type: ignore[method-assign]
    return api


@pytest.mark.parametrize(
    ("answered", "written", "waits"),
    [
        ((("booking",),), ["AwaitingBooking"], True),
        ((("geo",), ("booking", "geo")), ["AwaitingBooking"], True),
        ((("booking", "geo"),), ["AwaitingBooking", "Ready"], False),
    ],
    ids=["one answer", "one after the other", "both"],
)
async def test_an_answer_that_comes_while_a_status_is_written_waits_for_the_others_too(
    operator: Operator, answered: tuple[tuple[str, ...], ...], written: list[str], waits: bool
) -> None:
    api = declared(operator)
    operator.spaces.states.update(api.stored())
    told = [api.stored(*names, located="geo" in names) for names in answered]
    api.meanwhile = list(told)
    await operator.spaces.reconcile(KEY)
    assert api.written == written
    assert (KEY in operator.queue._timers) is waits
    for late in told:
        operator._on_state(late)
    await operator.spaces.reconcile(KEY)
    assert api.written[-1] == ("AwaitingGeo" if answered == (("booking",),) else "Ready")


async def test_an_answer_that_catalog_tells_with_a_resync_is_written_at_once(operator: Operator) -> None:
    api = declared(operator)
    operator.spaces.states.update(api.stored())

    class Told:
        async def upsert(self, *_: Any) -> SpaceUpsertResult:
            return SpaceUpsertResult(outcome="unchanged", state=api.stored("booking"))

    operator.spaces.resync_client = cast(Any, Told())
    operator.spaces.forced.add(KEY)
    await operator.spaces.reconcile(KEY)
    assert api.written == ["AwaitingGeo"], "the feed has nothing to add that would bring it back"
    operator._on_state(api.stored("booking"))
    assert operator.queue._timers == {}
