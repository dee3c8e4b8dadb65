"""The security log: what happened to whom at the door, for whoever looks into an incident.

Persons are called by a hash whose key dies with their account; no entry holds an address, a name or a phone.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from mesto.auth.client import Client
from mesto.auth.security_log import rules, store
from mesto.auth.security_log.records import Entry, NewEntry
from mesto.auth.security_log.rules import Details, Kind
from mesto.common.database.engine import Database
from mesto.common.database.pruning import delete_batches
from mesto.common.observability.request_context import request_id
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import AuthPolicy
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger("mesto.security")
NOBODY = Client()
"""Of what the platform's own tools do."""


class SecurityLog:
    """Writes and reads the log. Whoever does what it speaks of calls ``record`` in the same transaction."""

    def __init__(self, database: Database, configuration: Configuration[AuthPolicy]) -> None:
        self.database, self.configuration = database, configuration

    async def record(
        self,
        connection: AsyncConnection,
        kind: Kind,
        account_id: UUID | None,
        *,
        client: Client = NOBODY,
        details: Details | None = None,
        actor_id: UUID | None = None,
    ) -> None:
        """Write down what happened to an account, None for one that there is not, and tell it in the logs.

        ``actor_id`` is who did it where that was somebody else; nobody where one of the platform's own tools did.
        """
        said: Details = details or {}
        rules.check_details(said)
        person = await self._person(connection, account_id)
        actor = None if actor_id is None else await self._person(connection, actor_id)
        keep_until = datetime.now(UTC) + timedelta(days=self.configuration.policy.security_log_days)
        entry = NewEntry(kind, person, actor, client.address, client.user_agent, said, request_id.get(), keep_until)
        await store.insert_entry(connection, entry)
        log.info(
            kind,
            logger="mesto.security",  # a line of JSON has no other sign of who wrote it
            person=person.hex() if person else None,
            actor=actor.hex() if actor else None,
            address=client.address,
            user_agent=client.user_agent,
            **said,
        )

    async def _person(self, connection: AsyncConnection, account_id: UUID | None) -> bytes | None:
        """Return what an account is called; for none it takes as long."""
        key = await store.find_key(connection, account_id or UUID(int=0))
        if key is None and account_id is not None:  # made by the release before, or just now
            await store.insert_key(connection, account_id, secrets.token_bytes(32))
            key = await store.find_key(connection, account_id)
        return rules.person(key, account_id) if key is not None and account_id is not None else None

    async def latest(self, account_id: UUID | None, since: datetime | None, limit: int) -> list[Entry]:
        """Return the latest entries, the last first: of everybody, or those about or by one account."""
        async with self.database.read() as connection:
            if account_id is None:
                return await store.list_latest(connection, None, since, limit)
            key = await store.find_key(connection, account_id)
            return (
                [] if key is None else await store.list_latest(connection, rules.person(key, account_id), since, limit)
            )

    async def prune(self) -> int:
        """Forget what is older than the policy, and the one of when it was written, want it kept; return how many."""
        now = datetime.now(UTC)
        before = now - timedelta(days=self.configuration.policy.security_log_days)
        return await delete_batches(self.database, lambda connection: store.delete_before(connection, now, before))
