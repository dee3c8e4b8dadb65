"""Whose spaces are: accounts as auth tells of them, and what follows for the spaces that name their addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from mesto.catalog.ownership import rules, store
from mesto.catalog.ownership.records import Account, NamedSpace, SpanDocument
from mesto.catalog.ownership.rules import Tenure, first_owner
from mesto.catalog.spaces.records import Space, owner_key
from mesto.catalog.spaces.service import Spaces
from mesto.catalog.tables import OUTBOX
from mesto.common.consistency.sources import Source
from mesto.common.identity import emails
from mesto.common.messaging.outbox import record
from mesto.contracts.events import OwnerInvited, SpaceClaimed, UserChanged, UserRemoved
from mesto.contracts.text import Text
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
INVITED_AFTER = timedelta(minutes=1)
"""An account that is on its way has come by then, and who has mistyped an address has corrected it."""
INVITED_AT_ONCE = 100
PUBLISHED = 100
"""Spaces that are loaded and told of at once."""
UNDECIDED_SECONDS = 60.0


class Ownership:
    """A declared space belongs to who first verified the address that its resource names (``rules.first_owner``).

    Whoever learns something of an address locks it, writes it, and then looks who is concerned: so it does not matter
    whether the space or the account comes first.
    """

    def __init__(self, spaces: Spaces, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.spaces, self.clock = spaces.database, spaces, clock

    async def account_changed(self, event: UserChanged) -> None:
        """Keep what auth says of an account, and give it what is its own by that."""
        async with self.database.transaction() as connection:
            before = await store.lock_account(connection, event.user_id)
            account = account_of(event)
            if await store.upsert_account(connection, account) and (before is None or before.spans != account.spans):
                await self.settle(connection, account.addresses)

    async def account_removed(self, event: UserRemoved) -> None:
        """Forget an account. Its spaces are nobody's, also no later holder's of its address, until named anew."""
        async with self.database.transaction() as connection:
            before = await store.lock_account(connection, event.user_id)
            gone = tombstone(event.user_id, event.revision)
            if await store.upsert_account(connection, gone):
                await self._release(connection, gone.user_id, before.addresses if before else ())

    async def restore_account(
        self, connection: AsyncConnection, before: Account | None, account: Account, *, force: bool
    ) -> None:
        """Store what auth says of a locked account (by ``force`` whatever is there), with what follows from it."""
        if not await store.upsert_account(connection, account, force=force):
            return
        addresses = {*account.addresses, *(before.addresses if before else ())}
        if account.removed:
            await self._release(connection, account.user_id, addresses)
        await self.settle(connection, addresses)

    async def _release(self, connection: AsyncConnection, user_id: UUID, addresses: Collection[str]) -> None:
        """Make the spaces of an account nobody's: the addresses that they name count no more."""
        await store.lock_addresses(connection, addresses, shared=False)
        ids = [space.id for space in await store.list_owned(connection, user_id)]
        await self._give(connection, dict.fromkeys(ids), {"owner_named_at": None})

    async def settle(self, connection: AsyncConnection, addresses: Collection[str]) -> None:
        """Give the spaces that name these addresses to whom they belong.

        Those of an account that is not known yet stay: it is known once all accounts are.
        """
        await store.lock_addresses(connection, addresses, shared=False)
        named = await store.list_named(connection, addresses)
        wrong = await self.list_wrong(connection, named)
        owners = {space.owner_id for space in named if space.owner_id is not None}
        known = await store.list_known(connection, owners) | {None}
        await self._give(
            connection, {space.id: wrong[space.id] for space in named if space.id in wrong and space.owner_id in known}
        )

    async def list_wrong(self, connection: AsyncConnection, spaces: Sequence[NamedSpace]) -> dict[UUID, UUID | None]:
        """Return who should have those of these spaces that belong to somebody else, or to nobody."""
        tenures = await store.list_tenures(connection, {space.owner_key for space in spaces if space.owner_key})
        owners = {
            space.id: first_owner(tenures.get(space.owner_key or "", ()), space.owner_named_at) for space in spaces
        }
        return {space.id: owners[space.id] for space in spaces if space.owner_id != owners[space.id]}

    async def repair(self, ids: Sequence[UUID]) -> list[UUID]:
        """Give these spaces to whom they belong, also those of accounts that do not exist; return which were wrong."""
        async with self.database.transaction() as connection:
            spaces = await store.list_these(connection, ids)
            await store.lock_addresses(
                connection, {space.owner_key for space in spaces if space.owner_key}, shared=False
            )
            wrong = await self.list_wrong(connection, await store.list_these(connection, ids))
            await self._give(connection, wrong)
        return list(wrong)

    async def lock_named(self, connection: AsyncConnection, emails_named: Collection[str | None]) -> None:
        """Hold off whoever says whose these addresses are until resources that name them are stored."""
        keys = {key for email in emails_named if (key := owner_key(email))}
        await store.lock_addresses(connection, keys, shared=True)

    async def list_tenures(self, connection: AsyncConnection, addresses: Collection[str]) -> Mapping[str, list[Tenure]]:
        """Return by address who has verified it, and when it was theirs."""
        return await store.list_tenures(connection, addresses)

    async def announce(self, connection: AsyncConnection, spaces: Sequence[Space]) -> None:
        """Record whom spaces belong to which so far did not."""
        claimed = [SpaceClaimed(space_id=space.id, owner_id=space.owner_id) for space in spaces if space.owner_id]
        await record(connection, OUTBOX, claimed)

    async def _give(
        self,
        connection: AsyncConnection,
        owners: Mapping[UUID, UUID | None],
        columns: Mapping[str, object] | None = None,
    ) -> None:
        """Write whose spaces are, and tell of it."""
        ids = sorted(owners)
        for start in range(0, len(ids), PUBLISHED):
            locked = await self.spaces.lock_all(connection, ids[start : start + PUBLISHED])
            for space in locked:
                fresh = {"owner_id": owners[space.id], "revision": space.revision + 1, **(columns or {})}
                await self.spaces.update(connection, space.id, fresh)
            given = await self.spaces.publish(connection, [space.id for space in locked])
            await self.announce(connection, given)
            log.info("spaces_given", spaces=[str(space.id) for space in given])

    async def run(self, source: Source) -> None:
        """Decide about spaces of the release before, while there are any: it may run beside this one for a while."""
        while True:
            try:
                await self.decide_all(source)
            except Exception as error:
                log.warning("owners_not_decided", error=repr(error))
            await asyncio.sleep(UNDECIDED_SECONDS)

    async def decide_all(self, source: Source) -> None:
        """Learn all accounts, then decide about the spaces that name an owner and of which nobody has decided."""
        async with self.database.read() as connection:
            undecided = await store.list_undecided(connection, 1)
        if not undecided:
            return
        async for events, _ in source.pages():
            for event in events:
                if isinstance(event, UserChanged):
                    await self.account_changed(event)
                elif isinstance(event, UserRemoved):
                    await self.account_removed(event)
        while undecided:
            async with self.database.transaction() as connection:
                undecided = await store.list_undecided(connection, PUBLISHED)
                await self._decide(connection, undecided)

    async def _decide(self, connection: AsyncConnection, ids: Sequence[UUID]) -> None:
        found = await self.spaces.load(connection, ids)
        await self.lock_named(connection, {space.owner_email for space in found})
        locked = [space for space in await self.spaces.lock_all(connection, ids) if space.owner_key is None]
        keys = {space.id: owner_key(space.owner_email) for space in locked}
        tenures, now = await store.list_tenures(connection, {key for key in keys.values() if key}), self.clock()
        for space in locked:
            owner = first_owner(tenures.get(keys[space.id] or "", ()), now)
            named = {"owner_key": keys[space.id], "owner_named_at": now, "owner_id": owner}
            await self.spaces.update(connection, space.id, {**named, "revision": space.revision + 1})
        given = await self.spaces.publish(connection, [space.id for space in locked])
        await self.announce(connection, given)
        log.info("owners_decided", spaces=len(given))

    async def invite(self) -> int:
        """Have those invited whom spaces name and who have no account, each address once; return how many."""
        if not self.spaces.configuration.policy.invite_owners:
            return 0
        async with self.database.transaction() as connection:
            found = await store.list_uninvited(connection, INVITED_AFTER, INVITED_AT_ONCE)
            fresh = [invitee for invitee in found if await store.insert_invitation(connection, invitee.address_hash)]
            invitations = [
                OwnerInvited(email=who.email, space_id=who.space_id, title=Text.model_validate(who.title))
                for who in fresh
            ]
            await record(connection, OUTBOX, invitations)
        return len(fresh)


def account_of(event: UserChanged) -> Account:
    """Return what is kept of an account.

    An auth of the release before says only which address is verified now: it knows no change of address.
    """
    address = emails.key(event.email)
    if event.verified_addresses is not None:
        spans: list[SpanDocument] = [
            {
                "address": span.address,
                "since": span.since.isoformat(),
                "until": span.until.isoformat() if span.until else None,
            }
            for span in event.verified_addresses
        ]
    else:
        verified = address if event.email_verified else None
        spans = [{"address": verified, "since": rules.ALWAYS.isoformat(), "until": None}] if verified else []
    return Account(event.user_id, event.revision, False, address, event.email_verified, spans)


def tombstone(user_id: UUID, revision: int) -> Account:
    """Return what is kept of an account that is gone: nothing personal."""
    return Account(user_id, revision, removed=True, address=None, email_verified=False, spans=[])
