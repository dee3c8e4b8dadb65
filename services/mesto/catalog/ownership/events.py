"""Events coming in: accounts, from auth. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.ownership.service import Ownership
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import UserChanged, UserRemoved


def handlers(ownership: Ownership) -> Mapping[str, Handler]:
    """Return handlers by event type; each returns once its effect is committed."""
    return dict((on(UserChanged, ownership.account_changed), on(UserRemoved, ownership.account_removed)))
