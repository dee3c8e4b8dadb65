"""Withdrawing access tokens, and telling all services of it at once.

Every process of auth reads what was withdrawn within half a second, or as soon as it has done so itself; the other
services wait for it at one of them (a long poll). It needs no broker, so a broken one keeps nobody signed in.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from mesto.auth.withdrawals import store
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from mesto.common.identity.withdrawn_tokens import KEPT_SECONDS, WithdrawnTokens
from mesto.contracts.sessions import Withdrawal
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
LOOK_SECONDS = 0.5
"""How soon what another process has withdrawn is noticed."""
_GATHER = 0.05  # commits that withdraw nothing wake the reading too
_KEPT = timedelta(seconds=KEPT_SECONDS)


class TokenWithdrawals:
    """``tokens`` is what this process refuses. Pages of the feed are served from memory; the list is short."""

    def __init__(self, database: Database) -> None:
        self.database, self.tokens = database, WithdrawnTokens()
        self._feed: deque[tuple[int, float, Withdrawal]] = deque()
        # Cursors of another process, or of this one before its restart, begin anew.
        self._process, self._number, self._from_xid = secrets.token_hex(8), 0, 0
        self._wake, self._news = asyncio.Event(), asyncio.Event()
        database.on_commit.append(self._wake.set)

    async def withdraw(self, connection: AsyncConnection, subjects: Iterable[UUID]) -> None:
        """Withdraw the tokens of accounts that were issued until now: their holders' next ones say what is true now.

        To be called after the account's row was changed: who refreshes at this moment waits for that.
        """
        await store.upsert(connection, subjects, datetime.now(UTC))

    async def end(self, connection: AsyncConnection, session_ids: Iterable[UUID]) -> None:
        """Withdraw all tokens of sessions that are over."""
        await store.upsert(connection, session_ids, None)

    async def run(self) -> None:
        """Follow what is withdrawn, until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.read()
            except Exception as error:
                log.warning("withdrawals_not_read", error=repr(error))
            await asyncio.sleep(_GATHER)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS - _GATHER):
                    await self._wake.wait()

    async def read(self) -> None:
        """Learn what was withdrawn since it was read last."""
        async with self.database.read() as connection:
            found, self._from_xid = await store.list_since(connection, self._from_xid, datetime.now(UTC) - _KEPT)
        fresh, now = self.tokens.add(found), time.monotonic()
        for item in fresh:
            self._number += 1
            self._feed.append((self._number, now, item))
        while self._feed and now - self._feed[0][1] > KEPT_SECONDS:
            self._feed.popleft()
        if fresh:
            self._news.set()
            self._news = asyncio.Event()

    async def page(self, cursor: str, wait: float) -> tuple[list[Withdrawal], str]:
        """Return what was withdrawn after ``cursor`` and the next one, waiting up to ``wait`` seconds for some.

        A cursor that is not this process' own begins at the beginning.
        """
        process, _, place = cursor.partition(":")
        after = int(place) if process == self._process and place.isdecimal() else 0
        if after >= self._number and cursor:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()
        items = [item for number, _, item in self._feed if number > after]
        return items, f"{self._process}:{self._number}"

    def stop_waiting(self) -> None:
        """Answer everybody who waits: the process goes down."""
        self._news.set()

    async def prune(self) -> int:
        """Forget what no token outlasts; return how much."""
        before = datetime.now(UTC) - _KEPT
        return await delete_batches(self.database, lambda connection: store.delete_before(connection, before))
