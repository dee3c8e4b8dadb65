"""Batches that never wait: alone when idle, together when busy, and one that spoils a batch spoils it for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from mesto.common.batching import Batcher
from support.waiting import eventually_async


class Work:
    """Doubles numbers once it is let to; odd hundreds are refused, 13 breaks whatever it is in."""

    def __init__(self) -> None:
        self.open, self.batches = asyncio.Event(), list[list[int]]()

    async def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        await self.open.wait()
        if 13 in items:
            raise ArithmeticError("13")
        return [ValueError(str(item)) if item == 100 else 2 * item for item in items]


@pytest.fixture
def work() -> Work:
    return Work()


async def done(work: Work, together: Batcher[int, int], items: Sequence[int]) -> list[int | BaseException]:
    """What everybody gets who comes while the first are worked on."""
    asked = [asyncio.create_task(together.do(item)) for item in items]
    await eventually_async(lambda: work.batches, "the first batch")
    work.open.set()
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_an_idle_one_works_at_once_and_a_busy_one_gathers(work: Work) -> None:
    assert await done(work, Batcher(work, max_items=4), range(1, 8)) == [2 * number for number in range(1, 8)]
    assert work.batches == [[1], [2, 3, 4, 5], [6, 7]]


async def test_so_many_batches_are_under_way_at_once(work: Work) -> None:
    assert await done(work, Batcher(work, max_items=9, at_once=3), range(1, 8)) == [
        2 * number for number in range(1, 8)
    ]
    assert work.batches == [[1], [2], [3], [4, 5, 6, 7]]


async def test_heavy_items_come_with_fewer_or_alone(work: Work) -> None:
    together = Batcher(work, max_items=9, size_of=lambda item: item, max_size=10)
    assert await done(work, together, [1, 4, 5, 6, 50, 2]) == [2, 8, 10, 12, 100, 4]
    assert work.batches == [[1], [4, 5], [6], [50], [2]]


async def test_each_gets_its_own_result_or_error(work: Work) -> None:
    answers = await done(work, Batcher(work, max_items=9), [1, 2, 100, 3])
    assert [str(answer) for answer in answers] == ["2", "4", "100", "6"]
    assert isinstance(answers[2], ValueError)


async def test_a_batch_that_fails_is_done_one_by_one(work: Work) -> None:
    answers = await done(work, Batcher(work, max_items=9), [1, 2, 13, 3])
    assert (answers[:2], answers[3]) == ([2, 4], 6)
    assert isinstance(answers[2], ArithmeticError)
    assert work.batches == [[1], [2, 13, 3], [2], [13], [3]]


async def test_what_is_nobodys_fault_fails_for_all_at_once(work: Work) -> None:
    together = Batcher(work, max_items=9, is_poison=lambda error: not isinstance(error, ArithmeticError))
    answers = await done(work, together, [1, 2, 13, 3])
    assert [type(answer) for answer in answers] == [int, *[ArithmeticError] * 3]
    assert work.batches == [[1], [2, 13, 3]]


async def test_who_is_cut_off_is_left_out_and_the_others_go_on(work: Work) -> None:
    together = Batcher(work, max_items=9)
    asked = [asyncio.create_task(together.do(item)) for item in (1, 2, 3)]
    await eventually_async(lambda: work.batches, "the first batch")
    asked[0].cancel()
    asked[1].cancel()
    work.open.set()
    assert await asked[2] == 6
    assert work.batches == [[1], [3]]
