"""Events that come in: spaces from catalog, people from auth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mesto.booking.service.projections import Projections
from mesto.common.broker import Handler
from mesto.contracts.events import Envelope, Event, SpaceChanged, SpaceRemoved, UserChanged, UserRemoved

E = TypeVar("E", bound=Event)


def _typed(kind: type[E], work: Callable[[E], Awaitable[None]]) -> Handler:
    async def handle(_envelope: Envelope, event: Event) -> None:
        assert isinstance(event, kind)
        await work(event)

    return handle


def handlers(projections: Projections) -> dict[str, Handler]:
    """What to do with each type of event. Revisions make repeats and disorder harmless, so no inbox is needed."""
    return {
        SpaceChanged.type: _typed(SpaceChanged, projections.space_changed),
        SpaceRemoved.type: _typed(SpaceRemoved, projections.space_removed),
        UserChanged.type: _typed(UserChanged, projections.user_changed),
        UserRemoved.type: _typed(UserRemoved, projections.user_removed),
    }
