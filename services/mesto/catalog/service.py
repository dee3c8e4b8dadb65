"""What catalog does: each change is load, rule, save, record the event, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Literal
from uuid import UUID, uuid4

import structlog
from mesto.catalog import states
from mesto.catalog.domain import claims, policy, rules
from mesto.catalog.domain.claims import Claim, ClaimRefused
from mesto.catalog.feed import Feed
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.store import spaces as store
from mesto.catalog.store.spaces import SpaceRow
from mesto.catalog.tables import OUTBOX
from mesto.common.db import Database
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.outbox import record
from mesto.common.platform import PlatformSpec
from mesto.contracts.events import CityChanged, SpaceApplied, SpaceChanged, SpaceLocated, SpaceRemoved
from mesto.contracts.spaces import SpaceState, SpaceUpsert, SpaceUpsertResult
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
RETRIES = 4
_DEADLOCK = "40P01"
Outcome = Literal["created", "updated", "unchanged", "adopted"]


class Catalog:
    """Spaces of the platform. ``platform`` gives the defaults that declarations leave out."""

    def __init__(self, settings: CatalogSettings, database: Database, platform: PlatformSpec) -> None:
        self.settings, self.database, self.platform = settings, database, platform
        self.feed = Feed(database)

    def _state(self, row: SpaceRow) -> SpaceState:
        return states.state(row, self.settings.public_url)

    async def upsert(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        """Store a generation of a declared space.

        Raises Problem 422 with the faults of the spec, 409 stale-generation, slug-conflict or adopt-needed.
        """
        if faults := rules.faults(body.spec):
            errors = [FieldError(field=f"spec.{field}", message=message) for field, message in faults]
            raise Problem(422, "invalid-space", errors[0].message, errors=errors)
        claim = Claim(uid, body.namespace, body.name, body.generation, body.slug, body.adopt)
        for _ in range(RETRIES):
            try:
                async with self.database.transaction() as connection:
                    outcome, row = await self._upsert(connection, claim, body)
                return SpaceUpsertResult(outcome=outcome, state=self._state(row))
            except ClaimRefused as refused:
                raise Problem(409, refused.slug, refused.detail, space_id=str(refused.space_id)) from refused
            except IntegrityError:
                # Another transaction took the slug or stored the uid between our look and our write: look again.
                continue
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") != _DEADLOCK:
                    raise
        raise Problem(
            503, "temporarily-unavailable", "Too many changes at once. Try again.", headers={"Retry-After": "1"}
        )

    async def _upsert(self, connection: AsyncConnection, claim: Claim, body: SpaceUpsert) -> tuple[Outcome, SpaceRow]:
        rows = await store.lock_candidates(connection, claim.uid, claim.slug, claim.adopt)
        target = claims.settle(claim, [store.holder(row) for row in rows])
        spec = body.spec.model_dump(mode="json")
        resolved = policy.resolve(body.spec.booking, self.platform.booking.hold_minutes).model_dump(mode="json")
        identity = {
            "uid": claim.uid,
            "namespace": claim.namespace,
            "name": claim.name,
            "generation": claim.generation,
            "managed": True,
        }
        if target is None:
            space_id = uuid4()
            new = identity | {"id": space_id, "revision": 1, "slug": claim.slug, "policy": resolved}
            await store.insert_space(connection, new | {"bookable_reason": "AwaitingBooking"}, spec)
            return "created", await self._publish(connection, space_id)
        row = next(row for row in rows if row.id == target.id)
        same = store.document(row) == spec and row.slug == claim.slug and row.policy == resolved
        if same and all(getattr(row, name) == value for name, value in identity.items()):
            return "unchanged", row
        adopted = row.uid != claim.uid or not row.managed
        if same and not adopted:
            # Only the generation is new: nothing for other services, whose answers stay true.
            await store.update_space(connection, row.id, identity)
            return "updated", (await store.load(connection, [row.id]))[0]
        columns = identity | {"revision": row.revision + 1, "slug": claim.slug, "policy": resolved}
        await store.update_space(connection, row.id, columns, spec)
        return ("adopted" if adopted else "updated"), await self._publish(connection, row.id)

    async def _publish(self, connection: AsyncConnection, space_id: UUID) -> SpaceRow:
        """Record what the space is now as an event; the row as stored."""
        row = (await store.load(connection, [space_id]))[0]
        row = await self.note_bookable(connection, row)
        await record(connection, OUTBOX, [states.changed(row)])
        return row

    async def note_bookable(self, connection: AsyncConnection, row: SpaceRow) -> SpaceRow:
        """Store why a space can be booked or not, when it has changed."""
        reason = states.bookable(row).reason
        if reason != row.bookable_reason:
            await store.update_space(connection, row.id, {"bookable_reason": reason})
        return row

    async def remove(self, uid: UUID, mode: Literal["retain", "delete"]) -> None:
        """The resource is gone: keep its row unmanaged and unpublished, or remove it. Nothing for an unknown uid."""
        async with self.database.transaction() as connection:
            rows = [row for row in await store.lock_candidates(connection, uid, "", None) if row.uid == uid]
            if not rows:
                return
            row = rows[0]
            if mode == "delete":
                await store.bury(connection, row.id, row.revision + 1)
                await record(connection, OUTBOX, [SpaceRemoved(space_id=row.id, revision=row.revision + 1)])
            elif row.managed:
                gone = {"managed": False, "published": False, "revision": row.revision + 1}
                await store.update_space(connection, row.id, gone)
                await self._publish(connection, row.id)

    async def get(self, uid: UUID) -> SpaceState:
        """The space of a resource. Raises Problem 404."""
        async with self.database.read() as connection:
            row = await store.by_uid(connection, uid)
        if row is None:
            raise not_found("This space")
        return self._state(row)

    async def changes(self, cursor: str, wait: float, limit: int) -> tuple[list[SpaceState], str]:
        """A page of the change feed and the next cursor."""
        rows, following = await self.feed.page(cursor, wait, limit)
        return [self._state(row) for row in rows], following

    async def snapshot(
        self, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
    ) -> list[SpaceChanged | SpaceRemoved]:
        """Spaces as their last events told them, by id: after one, or just these."""
        async with self.database.read() as connection:
            rows = await store.snapshot(connection, after, limit, ids)
        return [
            SpaceRemoved(space_id=row.id, revision=row.revision) if row.removed else states.changed(row) for row in rows
        ]

    async def note_applied(self, event: SpaceApplied) -> None:
        """Keep a service's newest answer about a space; answers about unknown or removed spaces are of no use."""
        answer = states.answer(event)
        async with self.database.transaction() as connection:
            row = await store.lock(connection, event.space_id)
            if row is None:
                log.info("answer_about_unknown_space", space_id=str(event.space_id), service=event.service)
                return
            if not policy.newer(states.applied(row).get(event.service), answer):
                return
            await self.keep_answers(connection, row, row.applied | {event.service: answer.model_dump()})

    @staticmethod
    async def keep_answers(connection: AsyncConnection, row: SpaceRow, answers: dict[str, Any]) -> None:
        """Store services' answers about a locked space, with what follows from them."""
        after: Any = SimpleNamespace(**{**row._mapping, "applied": answers})
        columns = {"applied": answers, "bookable_reason": states.bookable(after).reason}
        await store.update_space(connection, row.id, columns)

    async def note_located(self, event: SpaceLocated) -> None:
        """Keep geo's newest word about where a space is."""
        async with self.database.transaction() as connection:
            row = await store.lock(connection, event.space_id)
            if row is None or event.revision <= row.located_revision:
                return
            await store.update_space(connection, row.id, states.located_values(event))

    async def note_city(self, event: CityChanged) -> None:
        """Keep geo's newest word about a city."""
        async with self.database.transaction() as connection:
            await store.put_city(connection, states.city_values(event))
