"""Events coming in: what catalog says about spaces. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from mesto.geo.locations.service import Locations


def handlers(locations: Locations) -> Mapping[str, Handler]:
    """Return handlers by event type; each returns once its effect is committed."""
    return dict((on(SpaceChanged, locations.note_space), on(SpaceRemoved, locations.forget_space)))
