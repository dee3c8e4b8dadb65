"""Events coming in: people, from auth. All are states with revisions."""

from __future__ import annotations

from mesto.booking.users.service import Users
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import UserChanged, UserRemoved


def handlers(users: Users) -> dict[str, Handler]:
    """Return what to do with each type of event; repeats and disorder are harmless, so no inbox is needed."""
    return dict((on(UserChanged, users.user_changed), on(UserRemoved, users.user_removed)))
