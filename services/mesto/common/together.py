"""Batches without waiting: what comes while one batch is worked on goes together with the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(eq=False)
class _Waiting(Generic[T, R]):
    item: T
    answer: asyncio.Future[R] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together(Generic[T, R]):
    """One per process and kind of work.

    ``work`` gets up to ``most`` items, whose ``weigh`` together is at most ``weight`` (one that is heavier comes
    alone), and returns for each, in order, a result or the exception that is its own. An idle one works at once, so
    nobody waits for company; ``at_once`` batches are under way at a time. When ``work`` raises for several, and
    ``spoilt`` takes that for the fault of one of them, each is tried alone: work must be all or nothing, and harmless
    to repeat.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        *,
        most: int,
        at_once: int = 1,
        weigh: Callable[[T], int] = lambda _item: 0,
        weight: int = 0,
        spoilt: Callable[[Exception], bool] = lambda _error: True,
    ) -> None:
        self._work, self._most, self._at_once, self._weigh, self._weight = work, most, at_once, weigh, weight
        self._spoilt = spoilt
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def do(self, item: T) -> R:
        """The result for one item. Raises what ``work`` raised or returned for it."""
        one: _Waiting[T, R] = _Waiting(item)
        self._waiting.append(one)
        self._start()
        try:
            return await one.answer
        finally:
            if one in self._waiting:  # the caller was cut off
                self._waiting.remove(one)

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            task = asyncio.create_task(self._run(self._batch()))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    def _batch(self) -> list[_Waiting[T, R]]:
        batch = [self._waiting.popleft()]
        weight = self._weigh(batch[0].item)
        while self._waiting and len(batch) < self._most:
            weight += self._weigh(self._waiting[0].item)
            if weight > self._weight:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _run(self, batch: list[_Waiting[T, R]]) -> None:
        try:
            answers: Sequence[R | Exception] = await self._work([one.item for one in batch])
        except Exception as error:
            if len(batch) > 1 and self._spoilt(error):
                for one in batch:
                    await self._run([one])
                return
            answers = [error] * len(batch)
        except asyncio.CancelledError:
            for one in batch:
                one.answer.cancel()
            raise
        for one, answer in zip(batch, answers, strict=True):
            if one.answer.done():
                continue
            if isinstance(answer, Exception):
                one.answer.set_exception(answer)
            else:
                one.answer.set_result(answer)
