"""The change feed's long poll: pages at once when there is something, else as soon as there is."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from uuid import UUID

from mesto.catalog.declarations.service import Declarations
from mesto.catalog.spaces.service import Spaces
from mesto.common.database.engine import Database
from mesto.common.http.pages import decode_cursor, encode_cursor, wrong_cursor
from mesto.contracts.spaces import SpaceState

_RECHECK = 0.5  # other replicas commit without waking us
_SOON = 0.02  # after a wake: the row may wait for an older transaction that still runs
_START = (0, UUID(int=0))


class Feed:
    """Woken by each commit of this process. ``stopping`` ends all polls when the process goes down."""

    def __init__(self, database: Database, spaces: Spaces, declarations: Declarations) -> None:
        self.spaces, self.declarations = spaces, declarations
        self.stopping: Callable[[], bool] = lambda: False
        self._woken = asyncio.Event()
        database.on_commit.append(self._wake)

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()

    async def page(self, cursor: str, wait: float, limit: int) -> tuple[list[SpaceState], str]:
        """Return changes after ``cursor`` and the next cursor, waiting up to ``wait`` seconds. Raises Problem 422."""
        after = _place(cursor)
        until, pause = time.monotonic() + wait, _RECHECK
        while True:
            woken = self._woken
            changed = await self.spaces.list_changes(after, limit)
            left = until - time.monotonic()
            if changed or left <= 0 or self.stopping():
                break
            try:
                async with asyncio.timeout(min(pause, left)):
                    await woken.wait()
                pause = _SOON
            except TimeoutError:
                pause = min(pause * 2, _RECHECK)
        if changed:
            after = (changed[-1].changed_xid, changed[-1].id)
        return [self.declarations.state(space) for space in changed], encode_cursor([after[0], str(after[1])])


def _place(cursor: str) -> tuple[int, UUID]:
    if not cursor:
        return _START
    xid, space_id = decode_cursor(cursor, 2)
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        if isinstance(xid, int) and 0 <= xid < 2**63:
            return xid, UUID(space_id)
    raise wrong_cursor("Not a cursor of this feed: take next_cursor of its last page.")
