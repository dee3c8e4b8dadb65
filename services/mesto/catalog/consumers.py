"""Events coming in: what booking and geo made of our spaces, and geo's cities. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.service import Catalog
from mesto.common.broker import Handler
from mesto.contracts.events import CityChanged, Envelope, Event, SpaceApplied, SpaceLocated


def handlers(catalog: Catalog) -> Mapping[str, Handler]:
    """Handlers by event type; each returns once its effect is committed."""

    async def applied(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, SpaceApplied)
        await catalog.note_applied(event)

    async def located(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, SpaceLocated)
        await catalog.note_located(event)

    async def city(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, CityChanged)
        await catalog.note_city(event)

    return {SpaceApplied.type: applied, SpaceLocated.type: located, CityChanged.type: city}
