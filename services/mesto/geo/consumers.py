"""Events coming in: what catalog says about spaces. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.common.broker import Handler
from mesto.contracts.events import Envelope, Event, SpaceChanged, SpaceRemoved
from mesto.geo.service import Geo


def handlers(geo: Geo) -> Mapping[str, Handler]:
    """Handlers by event type; each returns once its effect is committed."""

    async def changed(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, SpaceChanged)
        await geo.note_space(event)

    async def removed(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, SpaceRemoved)
        await geo.forget_space(event)

    return {SpaceChanged.type: changed, SpaceRemoved.type: removed}
