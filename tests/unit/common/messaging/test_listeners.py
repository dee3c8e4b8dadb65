"""What services handle is what the contract says of them: publishers make queues from the contract."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.auth.roles import events as roles
from mesto.auth.roles.service import Roles
from mesto.booking.projections import events as booking_spaces
from mesto.booking.projections.service import Projections
from mesto.booking.users import events as booking_users
from mesto.booking.users.service import Users
from mesto.catalog.answers import events as answers
from mesto.catalog.answers.service import Answers
from mesto.catalog.cities import events as cities
from mesto.catalog.cities.service import Cities
from mesto.catalog.ownership import events as ownership
from mesto.catalog.ownership.service import Ownership
from mesto.common.messaging.broker import side_by_side
from mesto.contracts.events import EVENT_CLASSES
from mesto.geo.locations import events as geo
from mesto.geo.locations.service import Locations
from mesto.notifications.deliveries import events as deliveries
from mesto.notifications.deliveries.service import Deliveries
from mesto.notifications.realtime import events as realtime
from mesto.notifications.realtime.service import Realtime
from mesto.notifications.recipients import events as recipients
from mesto.notifications.recipients.service import Recipients


def bare(kind: type[Any]) -> Any:
    """One whose methods have names; nobody calls them."""
    return object.__new__(kind)


HANDLED = {
    "auth": roles.handlers(bare(Roles)),
    "booking": {**booking_spaces.handlers(bare(Projections)), **booking_users.handlers(bare(Users))},
    "catalog": side_by_side(
        answers.handlers(bare(Answers)), cities.handlers(bare(Cities)), ownership.handlers(bare(Ownership))
    ),
    "geo": geo.handlers(bare(Locations)),
    "notifications": side_by_side(
        realtime.handlers(bare(Realtime)),
        deliveries.handlers(bare(Deliveries), lambda _id: None),
        recipients.handlers(bare(Recipients)),
    ),
}


@pytest.mark.parametrize("service", HANDLED)
def test_the_events_that_a_service_handles_name_it_as_a_listener(service: str) -> None:
    assert set(HANDLED[service]) == {name for name, event in EVENT_CLASSES.items() if service in event.listeners}


def test_every_event_has_a_listener_and_every_listener_is_a_service() -> None:
    assert not [name for name, event in EVENT_CLASSES.items() if not event.listeners]
    assert {service for event in EVENT_CLASSES.values() for service in event.listeners} == set(HANDLED)
