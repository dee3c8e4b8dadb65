"""Waiting for a condition that is named, for 60 seconds at most."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE = 0.1


def _timed_out(what: str, timeout: float, last: object) -> AssertionError:
    return AssertionError(f"waited {timeout:.0f} s in vain for: {what}; the last answer was {last!r}")


def eventually(condition: Callable[[], T], what: str, timeout: float = 60) -> T:
    """The first truthy answer of `condition`. An AssertionError raised inside counts as "not yet"."""
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            answer = condition()
            if answer:
                return answer
            last = answer
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise _timed_out(what, timeout, last)
        time.sleep(_PAUSE)


async def eventually_async(
    condition: Callable[[], T | Awaitable[T]],
    what: str,
    timeout: float = 60,  # noqa: ASYNC109
) -> T:
    """The same for coroutine functions, and without blocking the loop."""
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            result = condition()
            answer = await result if inspect.isawaitable(result) else result
            if answer:
                return answer
            last = answer
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise _timed_out(what, timeout, last)
        await asyncio.sleep(_PAUSE)
