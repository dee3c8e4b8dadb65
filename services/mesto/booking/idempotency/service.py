"""One answer for each Idempotency-Key of a renter, however often the request is repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from mesto.booking.idempotency import store
from mesto.booking.idempotency.records import Answer, KnownRequest, Outcome
from mesto.booking.settings import KEY_LIFETIME
from mesto.booking.transactions import LOCK_TIMEOUT, sqlstate, transact_directly, utc_now
from mesto.common.database.engine import Database, RawTransaction
from mesto.common.errors import Problem
from sqlalchemy.exc import DBAPIError


class Idempotency:
    """The keys of renters and the answers that were given under them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database, self.clock = database, clock

    async def begin(self, direct: RawTransaction, user_id: UUID, key: str, fingerprint: bytes) -> Outcome | None:
        """Return None when the key is new and now ours, else the answer that was given under it.

        Raises Problem 422 when it was another request's, 409 while the first one is still running.
        """
        now = self.clock()
        try:
            known = await store.begin(direct, user_id, key, fingerprint, now, now - KEY_LIFETIME)
        except DBAPIError as error:
            if sqlstate(error) == LOCK_TIMEOUT:
                running = "Another booking request of yours is still running. Try again."
                raise Problem(409, "idempotency-in-flight", running, headers={"Retry-After": "1"}) from error
            raise
        return None if known is None else _replay(known, fingerprint)

    async def remember(self, user_id: UUID, key: str, fingerprint: bytes, answer: Answer) -> Outcome:
        """Keep an answer in a transaction of its own, or return the one that was given meanwhile."""

        async def work(direct: RawTransaction) -> Outcome:
            known = await self.begin(direct, user_id, key, fingerprint)
            if known is not None:
                return known
            await store.finish(direct.connection, user_id, key, answer)
            return Outcome(answer, replayed=False)

        return await transact_directly(self.database, work)

    async def prune(self) -> int:
        """Forget keys after 24 hours; return how many."""
        async with self.database.transaction() as connection:
            return await store.prune(connection, self.clock() - KEY_LIFETIME)


def _replay(known: KnownRequest, fingerprint: bytes) -> Outcome:
    if known.fingerprint != fingerprint:
        raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
    if known.answer is None:
        raise Problem(409, "idempotency-in-flight", "The first request with this Idempotency-Key is still running.")
    return Outcome(known.answer, replayed=True)
