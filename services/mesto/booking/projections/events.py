"""Events that come in: spaces from catalog, people from auth."""

from __future__ import annotations

from mesto.booking.service.projections import Projections
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import SpaceChanged, SpaceRemoved, UserChanged, UserRemoved


def handlers(projections: Projections) -> dict[str, Handler]:
    """What to do with each type of event. Revisions make repeats and disorder harmless, so no inbox is needed."""
    return dict(
        (
            on(SpaceChanged, projections.space_changed),
            on(SpaceRemoved, projections.space_removed),
            on(UserChanged, projections.user_changed),
            on(UserRemoved, projections.user_removed),
        )
    )
