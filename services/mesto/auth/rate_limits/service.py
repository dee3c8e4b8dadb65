"""Limits on how often something may be asked for, counted before it is done: a hundred at once are a hundred.

The library ``limits`` counts, by its moving window: within any stretch of time as long as the limit's nobody does more
than that. What it counts with is kept in PostgreSQL, so that all processes count together.
"""

from __future__ import annotations

import hashlib
import math
import time
from datetime import UTC, datetime, timedelta

from limits import RateLimitItemPerSecond
from limits.aio.storage import MovingWindowSupport, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from mesto.auth.rate_limits import store
from mesto.auth.rate_limits.records import Limit
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from sqlalchemy.exc import SQLAlchemyError

HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)


def _subject(key: str) -> bytes:
    """Return what is kept of whom a limit counts: nothing can be read from it."""
    return hashlib.sha256(key.encode()).digest()


class _Item(RateLimitItemPerSecond):
    """A limit that goes on counting when the policy changes how many it allows: the library would begin anew."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        """Return what and who, without how many and how long."""
        return "/".join([self.namespace, *(str(part) for part in identifiers)])


class PostgresStorage(Storage, MovingWindowSupport):
    """Where ``limits`` counts: a row for each time, in the service's own database."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage itself raises."""
        return SQLAlchemyError

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` more, unless they would be more than the limit; return whether they were counted."""
        subject = _subject(key)
        async with self.database.transaction(notify=False) as connection:
            await store.lock(connection, subject)
            return await store.insert_within(connection, subject, limit, expiry, amount)

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window that counts now began, and how many are in it."""
        async with self.database.read() as connection:
            window = await store.find_window(connection, _subject(key))
        return (time.time() if window.first_ends is None else window.first_ends - expiry), window.count

    async def give_back(self, key: str) -> None:
        """Take one back that was counted."""
        async with self.database.transaction(notify=False) as connection:
            await store.delete_newest(connection, _subject(key))

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more, however many there are; return how many there are now."""
        await self.acquire_entry(key, 2**31 - 1, expiry, amount)
        return await self.get(key)

    async def get(self, key: str) -> int:
        """Return how many count."""
        return (await self.get_moving_window(key, 0, 0))[1]

    async def get_expiry(self, key: str) -> float:
        """Return when the first of those that count does so no more."""
        return (await self.get_moving_window(key, 0, 0))[0]

    async def check(self) -> bool:
        """Return whether the database answers."""
        try:
            await self.database.ping()
        except Exception:
            return False
        return True

    async def reset(self) -> int:
        """Forget everything; return how many there were."""
        async with self.database.transaction(notify=False) as connection:
            return await store.delete_all(connection, None)

    async def clear(self, key: str) -> None:
        """Forget what a limit has counted."""
        async with self.database.transaction(notify=False) as connection:
            await store.delete_all(connection, _subject(key))


class RateLimits:
    """What was asked for, by whom and how often; only hashes of that are kept, as long as it counts."""

    def __init__(self, database: Database) -> None:
        self.database, self._storage = database, PostgresStorage(database)
        self._limiter = MovingWindowRateLimiter(self._storage)

    async def hit(self, limit: Limit) -> int:
        """Count one more; return 0 if it is within the limit, else the seconds until the next may be."""
        item = _item(limit)
        if await self._limiter.hit(item, limit.who):
            return 0
        window = await self._limiter.get_window_stats(item, limit.who)
        return max(1, math.ceil(window.reset_time - time.time()))

    async def give_back(self, limit: Limit) -> None:
        """Take one back that was counted."""
        await self._storage.give_back(_item(limit).key_for(limit.who))

    async def wait(self, what: str, who: str, most: int, span: timedelta = HOUR) -> int:
        """Count one more; return 0 for the first ``most`` within ``span``, else the seconds until the next may be."""
        return await self.hit(Limit(what, who, most, int(span.total_seconds())))

    async def prune(self) -> int:
        """Forget what counts no more; return how many."""
        before = datetime.now(UTC) - KEPT
        old = await delete_batches(self.database, lambda connection: store.delete_occasions(connection, before))
        return old + await delete_batches(self.database, store.delete_expired)


def _item(limit: Limit) -> _Item:
    return _Item(limit.most, limit.seconds, namespace=limit.what)
