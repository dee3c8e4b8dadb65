"""How late the event loop is: what every process measures of itself."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import Histogram

LAG = Histogram(
    "mesto_event_loop_lag_seconds",
    "How much later than asked a sleeping coroutine was woken",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LAG_SECONDS = 0.25


async def watch_loop() -> None:
    """Observe the lag of the running event loop until cancelled."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(LAG_SECONDS)
        LAG.observe(max(0.0, time.perf_counter() - asked - LAG_SECONDS))
