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


class Batcher(Generic[T, R]):
    """Batches of one kind of work in one process.

    An idle batcher begins at once, so nobody waits for company; ``at_once`` batches are under way at a time.

    Args:
        work: Returns for each item, in order, a result or the exception that is its own. When it raises for several
            items, and ``is_poison`` takes that for the fault of one of them, each is tried alone: work must be all or
            nothing, and harmless to repeat.
        max_items: Items of a batch.
        at_once: Batches under way at a time.
        size_of: The size of an item.
        max_size: The size of a batch; an item that is larger comes alone.
        is_poison: Whether what ``work`` raised may be the fault of a single item.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        *,
        max_items: int,
        at_once: int = 1,
        size_of: Callable[[T], int] = lambda _item: 0,
        max_size: int = 0,
        is_poison: Callable[[Exception], bool] = lambda _error: True,
    ) -> None:
        self._work, self._max_items, self._at_once = work, max_items, at_once
        self._size_of, self._max_size, self._is_poison = size_of, max_size, is_poison
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def do(self, item: T) -> R:
        """Return the result for one item. Raises what ``work`` raised or returned for it."""
        waiting: _Waiting[T, R] = _Waiting(item)
        self._waiting.append(waiting)
        self._start()
        try:
            return await waiting.answer
        finally:
            if waiting in self._waiting:  # the caller was cut off
                self._waiting.remove(waiting)

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
        size = self._size_of(batch[0].item)
        while self._waiting and len(batch) < self._max_items:
            size += self._size_of(self._waiting[0].item)
            if size > self._max_size:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _run(self, batch: list[_Waiting[T, R]]) -> None:
        try:
            answers: Sequence[R | Exception] = await self._work([waiting.item for waiting in batch])
        except Exception as error:
            if len(batch) > 1 and self._is_poison(error):
                for waiting in batch:
                    await self._run([waiting])
                return
            answers = [error] * len(batch)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(answer, Exception):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
