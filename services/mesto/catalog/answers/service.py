"""What other services say of our spaces: what booking and geo made of them, and where geo has placed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import structlog
from mesto.catalog.answers import rules, store
from mesto.catalog.answers.records import AppliedDocuments, Conclusion, Placement
from mesto.catalog.spaces.records import LocatedDocument, Space
from mesto.catalog.spaces.rules import WITHHELD, bookable
from mesto.catalog.spaces.service import Spaces
from mesto.common.batching import Batcher
from mesto.common.database.engine import is_permanent
from mesto.contracts.events import SpaceApplied, SpaceLocated
from mesto.contracts.spaces import Applied
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
MAX_EVENTS_PER_BATCH = 20
"""Events in one transaction; the broker gives us no more at a time."""


class ServiceAnswers:
    """What other services say about a stored space: older words than those that are known are no news."""

    def __init__(self, space: Space) -> None:
        self.space, self.changed = space, False
        self._answers: AppliedDocuments = space.applied
        self.placement = Placement(space.located, space.located_revision, space.district)

    def apply(self, event: SpaceApplied | SpaceLocated) -> None:
        """Note an answer or a place."""
        if isinstance(event, SpaceLocated):
            if event.revision > self.placement.located_revision:
                self.placement, self.changed = placement_of(event), True
            return
        answer, before = applied_of(event), self._answers.get(event.service)
        if rules.newer(Applied.model_validate(before) if before else None, answer):
            self._answers, self.changed = {**self._answers, event.service: answer.model_dump()}, True

    def conclusion(self) -> Conclusion:
        """Return what follows from all that was noted."""
        return conclude(self.space, self._answers, located=self.placement.located is not None)


class Answers:
    """Takes in what services say; whether a space is bookable and listed follows from it."""

    def __init__(self, spaces: Spaces) -> None:
        self.database, self.spaces = spaces.database, spaces
        self._events: Batcher[SpaceApplied | SpaceLocated, None] = Batcher(
            self._note_all, max_items=MAX_EVENTS_PER_BATCH, is_poison=is_permanent
        )

    async def note_applied(self, event: SpaceApplied) -> None:
        """Keep a service's newest answer about a space; answers about unknown or removed spaces are of no use."""
        await self._events.do(event)

    async def note_located(self, event: SpaceLocated) -> None:
        """Keep geo's newest word about where a space is."""
        await self._events.do(event)

    async def _note_all(self, events: Sequence[SpaceApplied | SpaceLocated]) -> list[None]:
        async with self.database.transaction() as connection:
            spaces = await self.spaces.lock_all(connection, {event.space_id for event in events})
            known = {space.id: ServiceAnswers(space) for space in spaces}
            for event in events:
                if event.space_id in known:
                    known[event.space_id].apply(event)
                else:
                    log.info("word_about_unknown_space", space_id=str(event.space_id), type=event.type)
            news = [(answers, answers.conclusion()) for answers in known.values() if answers.changed]
            await store.save_answers(
                connection, [(answers.space.id, conclusion, answers.placement) for answers, conclusion in news]
            )
            await self._publish_withheld(connection, [(answers.space, conclusion) for answers, conclusion in news])
        return [None] * len(events)

    async def restore(self, connection: AsyncConnection, space: Space, answers: AppliedDocuments) -> None:
        """Store services' answers about a locked space, with what follows from them."""
        conclusion = conclude(space, answers, located=space.located is not None)
        await self.spaces.update(connection, space.id, vars(conclusion))
        await self._publish_withheld(connection, [(space, conclusion)])

    async def restore_placement(self, connection: AsyncConnection, space: Space, event: SpaceLocated | None) -> None:
        """Store where geo says that a locked space is; nothing where it knows of none."""
        placement = placement_of(event) if event is not None else Placement(None, 0, None)
        await self.spaces.update(connection, space.id, vars(placement))

    async def _publish_withheld(
        self, connection: AsyncConnection, concluded: Sequence[tuple[Space, Conclusion]]
    ) -> None:
        """Tell of locked spaces that are withheld since these conclusions were written, or no longer."""
        anew = [
            space for space, conclusion in concluded if (space.listing == WITHHELD) != (conclusion.listing == WITHHELD)
        ]
        for space in anew:
            fresh = {"revision": space.revision + 1, "bookable_reason": "AwaitingBooking"}  # nothing was sold so far
            await self.spaces.update(connection, space.id, fresh)
        await self.spaces.publish(connection, [space.id for space in anew])


def applied_of(event: SpaceApplied) -> Applied:
    """Return a service's answer as it is stored."""
    return Applied.model_validate(event.model_dump(exclude={"space_id", "service"}))


def placement_of(event: SpaceLocated) -> Placement:
    """Return what is kept of geo's word about a space. Doubts are rare: rows without any do not say so."""
    unsaid = {"space_id", "revision"} | (set() if event.doubts else {"doubts"})
    located = cast(LocatedDocument, event.model_dump(exclude=unsaid))
    return Placement(located, event.revision, event.district.slug if event.district else None)


def conclude(space: Space, applied: AppliedDocuments, *, located: bool) -> Conclusion:
    """Return what follows from other answers of services than those stored."""
    answers = {service: Applied.model_validate(answer) for service, answer in applied.items()}
    listing = rules.listing(space.listing, space.revision, answers, located=located)
    reason = bookable(space.offer(listing), answers.get("booking"), answers.get("geo")).reason
    return Conclusion(applied, reason, listing)
