"""Events coming in: spaces that have come to belong to an account, from catalog."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.auth.roles.service import Roles
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import SpaceClaimed


def handlers(roles: Roles) -> Mapping[str, Handler]:
    """Return handlers by event type; a repeat changes nothing, so no inbox is needed."""
    return dict((on(SpaceClaimed, roles.space_claimed),))
