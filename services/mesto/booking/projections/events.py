"""Events coming in: spaces, from catalog. All are states with revisions."""

from __future__ import annotations

from mesto.booking.projections.service import Projections
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import SpaceChanged, SpaceRemoved


def handlers(projections: Projections) -> dict[str, Handler]:
    """Return what to do with each type of event; repeats and disorder are harmless, so no inbox is needed."""
    return dict((on(SpaceChanged, projections.space_changed), on(SpaceRemoved, projections.space_removed)))
