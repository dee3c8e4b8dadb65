"""The loops of a service that has no process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mesto.common.server import Service


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """The service's loops run while inside; then its broker is closed, which is the first of its closers."""
    tasks = [asyncio.create_task(loop()) for loop in service.loops]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await service.closers[0]()
