"""Limits on how often something may be asked for, counted before it is done: a hundred at once are a hundred."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from mesto.auth.rate_limits import store
from mesto.common.database.engine import Database

HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)


class RateLimits:
    """What was asked for, by whom and how often; only hashes of that are kept, for a day."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def wait(self, what: str, who: str, most: int, span: timedelta = HOUR) -> int:
        """Count one more; return 0 for the first ``most`` of ``span``, else the seconds until the next may be."""
        subject, now = hashlib.sha256(f"{what}|{who}".encode()).digest(), datetime.now(UTC)
        async with self.database.transaction() as connection:
            count, since = await store.increment(connection, subject, now, now - span)
        return 0 if count <= most else max(1, round((since + span - now).total_seconds()))

    async def prune(self) -> None:
        """Forget what is too old to count."""
        async with self.database.transaction() as connection:
            await store.delete_before(connection, datetime.now(UTC) - KEPT)
