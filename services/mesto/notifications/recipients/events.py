"""Events coming in: what auth says about people. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import UserChanged, UserRemoved
from mesto.notifications.recipients.service import Recipients


def handlers(recipients: Recipients) -> Mapping[str, Handler]:
    """Return the handlers by event type; each returns once its effect is committed."""
    return dict((on(UserChanged, recipients.note_user), on(UserRemoved, recipients.forget_user)))
