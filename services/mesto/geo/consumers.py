"""Events coming in: what catalog says about spaces. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.common.broker import Handler, on
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from mesto.geo.service import Geo


def handlers(geo: Geo) -> Mapping[str, Handler]:
    """Handlers by event type; each returns once its effect is committed."""
    return dict((on(SpaceChanged, geo.note_space), on(SpaceRemoved, geo.forget_space)))
