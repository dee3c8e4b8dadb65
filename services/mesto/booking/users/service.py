"""People as booking learns of them from auth: who has verified which address."""

from __future__ import annotations

from uuid import UUID

from mesto.booking.users import store
from mesto.booking.users.records import Owner, User
from mesto.common.database.engine import Database
from mesto.common.errors import email_unverified
from mesto.common.identity import emails
from mesto.contracts.events import UserChanged, UserRemoved
from sqlalchemy.ext.asyncio import AsyncConnection


def user_of(event: UserChanged) -> User:
    """Return what is kept of a user."""
    return User(
        id=event.user_id,
        revision=event.revision,
        removed=False,
        email=emails.key(event.email) or "",
        email_verified=event.email_verified,
        name=event.name,
        locale=event.locale,
        roles=list(event.roles),
    )


def tombstone(user_id: UUID, revision: int) -> User:
    """Return what is kept of a person who has left: nothing personal."""
    return User(user_id, revision, removed=True, email="", email_verified=False, name="", locale="en", roles=[])


class Users:
    """Keeps what auth says of people; older and repeated events change nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def user_changed(self, event: UserChanged) -> None:
        """Remember who has verified which address."""
        async with self.database.transaction() as connection:
            await store.upsert(connection, user_of(event))

    async def user_removed(self, event: UserRemoved) -> None:
        """Forget a person; the tombstone keeps older events from bringing them back."""
        async with self.database.transaction() as connection:
            await store.upsert(connection, tombstone(event.user_id, event.revision))

    async def find_owner(self, connection: AsyncConnection, user_id: UUID) -> Owner | None:
        """Return a user as an owner; None without a verified address."""
        return await store.find_owner(connection, user_id)

    async def must_be_verified(self, connection: AsyncConnection, user_id: UUID) -> None:
        """Raise Problem 403 for an owner who has not verified the address yet.

        Whatever booking it is about: who has not verified an address learns of none by the answer.
        """
        if await store.is_unverified_owner(connection, user_id):
            raise email_unverified()
