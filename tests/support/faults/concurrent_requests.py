"""Many requests at once, and what became of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

PATIENCE = 45.0
"""Seconds after which a request counts as hanging."""


@dataclass(frozen=True)
class Outcome:
    """How one request ended; `status` is 0 when its connection broke."""

    status: int
    seconds: float
    answer: httpx.Response | None = None


async def send(client: httpx.AsyncClient, request: httpx.Request) -> Outcome:
    """Send it. Fails when it is not answered in time."""
    begun = time.monotonic()
    try:
        answer = await asyncio.wait_for(client.send(request), PATIENCE)
    except TimeoutError:
        raise AssertionError(f"{request.method} {request.url} hangs") from None
    except httpx.TransportError:
        return Outcome(0, time.monotonic() - begun)
    return Outcome(answer.status_code, time.monotonic() - begun, answer)


async def send_all(requests: Sequence[httpx.Request]) -> list[Outcome]:
    """All at once, each on a connection of its own."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=None, limits=limits, trust_env=False) as client:
        return list(await asyncio.gather(*(send(client, request) for request in requests)))


def assert_answers(outcomes: Sequence[Outcome], *served: int) -> None:
    """Each was served, or refused for now by a problem that says when to come back."""
    for outcome in outcomes:
        assert outcome.answer is not None, "a connection broke"
        if outcome.status in served:
            continue
        assert outcome.status == 503, outcome.answer.text
        assert outcome.answer.headers["content-type"] == "application/problem+json"
        assert int(outcome.answer.headers["retry-after"]) > 0
        assert outcome.answer.json()["request_id"]
