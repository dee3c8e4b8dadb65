"""Events coming in: what booking and geo made of our spaces, and geo's cities. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.declarations.service import Catalog
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import CityChanged, SpaceApplied, SpaceLocated


def handlers(catalog: Catalog) -> Mapping[str, Handler]:
    """Handlers by event type; each returns once its effect is committed."""
    return dict(
        (
            on(SpaceApplied, catalog.note_applied),
            on(SpaceLocated, catalog.note_located),
            on(CityChanged, catalog.note_city),
        )
    )
