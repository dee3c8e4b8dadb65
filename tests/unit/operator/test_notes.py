"""What the operator makes of the feed: no work for what it knows, one pass for answers that come together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from mesto.contracts.spaces import SpaceState
from mesto.operator.cache import Key
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
    made.resources.put(KIND.plural, {"metadata": metadata})
    return made


async def worked(operator: Operator) -> list[Key]:
    """The keys that workers take now."""
    taken: list[Key] = []

    async def take(key: Key) -> None:
        taken.append(key)

    worker = asyncio.create_task(operator.queue.work(1, take))
    for _ in range(10):
        await asyncio.sleep(0)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    return taken


async def test_an_echo_of_what_is_known_is_no_work(operator: Operator) -> None:
    operator.spaces.states.put(state())
    operator._note(state())
    assert await worked(operator) == []
    assert operator.queue._timers == {}


async def test_the_first_of_several_answers_waits_for_the_others(operator: Operator) -> None:
    operator._note(state("booking"))
    assert await worked(operator) == []
    assert list(operator.queue._timers) == [KEY]
    operator._note(state("booking", "geo", located=True))
    assert operator.queue._timers == {}
    assert await worked(operator) == [KEY]


@pytest.mark.parametrize(("others", "seconds"), [(0, 5), (80, 20), (10_000, 300)])
async def test_an_answer_waits_longer_for_the_others_while_many_spaces_do(
    operator: Operator, others: int, seconds: int
) -> None:
    for number in range(others):
        operator.queue.add_later(Key(KIND.plural, "moscow", f"other-{number}"), 60)
    operator._note(state("booking"))
    planned = cast(asyncio.TimerHandle, operator.queue._timers[KEY][0])
    assert planned.when() - asyncio.get_running_loop().time() == pytest.approx(seconds, abs=0.5)


async def test_a_row_that_somebody_changed_is_work_at_once(operator: Operator) -> None:
    whole = state("booking", "geo", located=True)
    operator.spaces.states.put(whole)
    operator._note(whole.model_copy(update={"fingerprint": "y"}))
    assert await worked(operator) == [KEY]


async def test_a_refusal_is_an_answer_too(operator: Operator) -> None:
    refused = {"revision": 1, "outcome": "refused", "reason": "UnknownCity"}
    operator._note(SpaceState.model_validate(state("booking").model_dump() | {"applied": {"booking": refused}}))
    assert await worked(operator) == [KEY]
