"""Events coming in: geo's cities. All are states with revisions."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.catalog.cities.service import Cities
from mesto.common.messaging.broker import Handler, on
from mesto.contracts.events import CityChanged


def handlers(cities: Cities) -> Mapping[str, Handler]:
    """Return handlers by event type; each returns once its effect is committed."""
    return dict((on(CityChanged, cities.note_city),))
