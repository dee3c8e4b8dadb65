"""People who get mails, as auth describes them."""

from __future__ import annotations

from mesto.common.database.engine import Database
from mesto.contracts.events import UserChanged, UserRemoved
from mesto.notifications.recipients import store
from mesto.notifications.recipients.records import Recipient


class Recipients:
    """Addresses, names and languages of people; each method returns once its effect is committed."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def note_user(self, event: UserChanged) -> None:
        """Store a person's address, name and language. Mails that waited for them can be sent by that alone."""
        async with self.database.transaction() as connection:
            await store.upsert(connection, from_event(event))

    async def forget_user(self, event: UserRemoved) -> None:
        """Forget a person, and remember that they are gone."""
        async with self.database.transaction() as connection:
            await store.mark_removed(connection, event.user_id, event.revision)


def from_event(event: UserChanged) -> Recipient:
    """Return the person whom an event describes."""
    return Recipient(event.user_id, event.revision, event.email, event.email_verified, event.name, event.locale)
