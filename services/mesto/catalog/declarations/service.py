"""What catalog does: each change is load, rule, save, record the event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID, uuid4

import structlog
from mesto.catalog.answers import service as states
from mesto.catalog.declarations import rules as claims
from mesto.catalog.owner_edits import rules as ownership
from mesto.catalog.spaces import rules as policy
from mesto.catalog.validation import rules
from mesto.catalog.impact import rules as strands
from mesto.catalog.declarations.rules import Claim, ClaimRefused, Holder
from mesto.catalog.feed.service import Feed
from mesto.catalog.impact.client import Agreements, Asking, Change, agreed
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import store
from mesto.catalog.spaces.store import SpaceRow
from mesto.catalog.tables import OUTBOX
from mesto.common.batching import Batcher
from mesto.common.database.engine import Database, is_permanent
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.http.pages import after_id, encode_cursor
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import CityChanged, SpaceApplied, SpaceChanged, SpaceLocated, SpaceRemoved
from mesto.contracts.policy import CatalogPolicy, not_allowed
from mesto.contracts.proposals import SpaceAffected
from mesto.contracts.spaces import BookingPolicy, SpaceSpec, SpaceState, SpaceUpsert, SpaceUpsertResult, StoredSpace
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
RETRIES = 4
RENEWED = 100
"""Spaces whose policy is renewed in one transaction."""
MOST_WORDS = 20
"""Of other services in one transaction; the broker gives us no more at a time."""
_DEADLOCK = "40P01"
_UNKNOWN_CITY = 'The city "{}" is not declared in the PlatformConfig: add it there or correct spec.city.'
Outcome = Literal["created", "updated", "unchanged", "adopted"]


@dataclass
class Changes:
    """What a batch of claims writes: new rows, whole new contents of known ones, or only who declares them."""

    new: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    changed: list[tuple[UUID, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    renewed: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    left_slugs: list[tuple[str, UUID]] = field(default_factory=list)
    taken_slugs: list[str] = field(default_factory=list)


def refusal_of(spec: SpaceSpec, within: str = "spec.") -> Problem | None:
    """422 with all that is wrong with a spec; ``within`` begins the fields' paths."""
    errors = [FieldError(field=within + name, message=message) for name, message in rules.faults(spec)]
    return Problem(422, "invalid-space", errors[0].message, errors=errors) if errors else None


def slug_refusal_of(slug: str) -> Problem | None:
    """422 for a slug that no space may have."""
    if not rules.is_id(slug):
        return None
    message = "A slug must not look like an id: write a name, for example chistye-prudy-loft."
    return Problem(422, "invalid-space", message, errors=[FieldError(field="slug", message=message)])


def filled_up(
    row: SpaceRow | None, declared: dict[str, Any], claim: Claim | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A declared spec with what the owner has set of the stored space, and what of that is kept.

    Nothing is kept when another resource adopts the space or when it has no owner any more: nobody could take it back.
    """
    if row is None or not row.held:
        return declared, {}
    if not declared["owner_email"] or (claim and not store.holder(row).belongs_to(claim)):
        return declared, {}
    held = ownership.hold(declared, ownership.values(row.held))
    spec = ownership.in_effect(declared, held)
    try:
        SpaceSpec.model_validate(spec)
    except ValidationError as error:  # somebody wrote it by SQL; one row must not stop a batch
        log.warning("owners_values_dropped", space_id=str(row.id), errors=error.error_count())
        return declared, {}
    return spec, held


def change_of(row: SpaceRow, spec: Mapping[str, Any], *, accepted: bool) -> Change | None:
    """What booking must be asked before a stored space becomes this; None when it can strand nobody."""
    since = datetime.now(UTC).date() - timedelta(days=1)  # today, in every zone
    if not strands.may_strand(cast(Mapping[str, Any], row._mapping), spec, since):
        return None
    return Change(row.id, row.revision + 1, states.proposed(row.id, spec), accepted)


def resolved(booking: Mapping[str, Any] | None, platforms: CatalogPolicy) -> dict[str, Any]:
    """A space's own booking policy, filled up from the platform's, as it is stored."""
    declared = BookingPolicy.model_validate(booking) if booking else None
    return policy.resolve(declared, platforms.hold_minutes).model_dump(mode="json")


class Catalog:
    """Spaces of the platform. The policy has the defaults of what declarations leave out."""

    def __init__(
        self, settings: CatalogSettings, database: Database, configuration: Configuration[CatalogPolicy]
    ) -> None:
        self.settings, self.database, self.configuration = settings, database, configuration
        self.feed = Feed(database)
        self.asking = Asking(settings)
        self._words: Batcher[SpaceApplied | SpaceLocated, None] = Batcher(
            self._note_all, max_items=MOST_WORDS, is_poison=is_permanent
        )

    def _state(self, row: SpaceRow) -> SpaceState:
        return states.state(row, self.settings.public_url)

    async def upsert(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        """Store a generation of a declared space.

        Raises Problem 422 with the faults of the spec, 409 stale-generation, slug-conflict, adopt-needed,
        adopt-unknown or would-affect-bookings, 424 booking-unavailable when that cannot be known.
        """
        answer = (await self.upsert_all([(uid, body)]))[0]
        if isinstance(answer, Problem):
            raise answer
        return answer

    async def upsert_all(self, asked: Sequence[tuple[UUID, SpaceUpsert]]) -> list[SpaceUpsertResult | Problem]:
        """Store generations of several spaces in one transaction; each gets its own answer, in order.

        They are settled one after the other, as if they had come so; what is refused leaves no trace. Those that might
        strand bookings come after the others, in a transaction of their own, once booking has agreed. Each uid may come
        once. Raises Problem 503 when others change the same spaces all the time.
        """
        return await self.asking.through(asked, self._upsert_agreed)

    async def _upsert_agreed(
        self, asked: Sequence[tuple[UUID, SpaceUpsert]], agreements: Agreements
    ) -> list[SpaceUpsertResult | Problem | Change]:
        for _ in range(RETRIES):
            try:
                async with self.database.transaction() as connection:
                    return await self._upsert_all(connection, asked, agreements)
            except IntegrityError:
                # Another transaction took a slug or stored a uid between our look and our write: look again.
                continue
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") != _DEADLOCK:
                    raise
        raise Problem(
            503, "temporarily-unavailable", "Too many changes at once. Try again.", headers={"Retry-After": "1"}
        )

    async def _upsert_all(
        self, connection: AsyncConnection, asked: Sequence[tuple[UUID, SpaceUpsert]], agreements: Agreements
    ) -> list[SpaceUpsertResult | Problem | Change]:
        claims_made = [
            Claim(uid, body.namespace, body.name, body.generation, body.slug, body.adopt, body.release_to)
            for uid, body in asked
        ]
        faults = [slug_refusal_of(body.slug) or refusal_of(body.spec) for _, body in asked]
        sound = [claim for claim, fault in zip(claims_made, faults, strict=True) if fault is None]
        rows = {row.id: row for row in await store.lock_candidates(connection, sound)}
        holders = {row.id: store.holder(row) for row in rows.values()}
        others = {body.spec.city for _, body in asked} - {row.city for row in rows.values()}
        unknown = others - await store.known_cities(connection, others if rows else ())
        changes = Changes()
        outcomes: list[tuple[Outcome, UUID] | Problem | Change] = []
        for (_, body), claim, fault in zip(asked, claims_made, faults, strict=True):
            if fault is not None:
                outcomes.append(fault)
                continue
            if not self.configuration.policy.may_use(claim.namespace, body.spec.city):
                outcomes.append(Problem(409, "city-not-allowed", not_allowed(claim.namespace, body.spec.city)))
                continue
            try:
                target = claims.settle(claim, list(holders.values()))
            except ClaimRefused as refused:
                known: Any = {"space_id": str(refused.space_id)} if refused.space_id else {}
                outcomes.append(Problem(409, refused.slug, refused.detail, **known))
                continue
            before = rows[target.id] if target else None
            spec, held = filled_up(before, body.spec.model_dump(mode="json"), claim)
            if before is not None and before.listing == policy.LISTED and spec["city"] in unknown:
                outcomes.append(Problem(409, "unknown-city", _UNKNOWN_CITY.format(spec["city"])))
                continue
            change = change_of(before, spec, accepted=body.accept_affected) if before else None
            if change is not None and not agreed(change, agreements):
                outcomes.append(change)
                continue
            outcome, holder = self._settled(changes, claim, before, spec, held)
            holders[holder.id] = holder
            outcomes.append((outcome, holder.id))
        rows |= {row.id: row for row in await self._written(connection, changes)}
        return [
            one
            if isinstance(one, Problem | Change)
            else SpaceUpsertResult(outcome=one[0], state=self._state(rows[one[1]]))
            for one in outcomes
        ]

    def _settled(
        self, changes: Changes, claim: Claim, row: SpaceRow | None, spec: dict[str, Any], held: dict[str, Any]
    ) -> tuple[Outcome, Holder]:
        """Note what a claim changes in ``row``, None for a new one; its outcome, and who then holds the row."""
        policies = resolved(spec["booking"], self.configuration.policy)
        identity = {
            "uid": claim.uid,
            "namespace": claim.namespace,
            "name": claim.name,
            "generation": claim.generation,
            "managed": True,
            "missing_since": None,
            "release_to": claim.release_to,
        }
        holder = claim.held(row.id if row else uuid4())
        if row is None:
            new = identity | {"id": holder.id, "revision": 1, "slug": claim.slug, "policy": policies}
            changes.taken_slugs.append(claim.slug)
            changes.new.append((new | {"bookable_reason": "AwaitingBooking", "listing": policy.FIRST}, spec))
            return "created", holder
        content = (store.document(row), row.held, row.slug, row.policy)
        same = content == (spec, held, claim.slug, policies)
        if same and all(getattr(row, name) == value for name, value in identity.items()):
            return "unchanged", holder
        adopted = row.uid != claim.uid or not row.managed
        if same and not adopted:
            # Only the generation is new: nothing for other services, whose answers stay true.
            changes.renewed.append((row.id, identity))
            return "updated", holder
        if row.slug != claim.slug:
            changes.left_slugs.append((row.slug, row.id))
            changes.taken_slugs.append(claim.slug)
        columns = identity | {"revision": row.revision + 1, "slug": claim.slug, "policy": policies, "held": held}
        changes.changed.append((row.id, columns, spec))
        return ("adopted" if adopted else "updated"), holder

    async def renew_policies(self, fresh: CatalogPolicy) -> None:
        """Tell of every space that leaves its holds to the platform, when the platform has come to another value.

        Batch by batch, so that a renter's request never waits for all of them; it can be cut off and begun again.
        """
        while True:
            async with self.database.transaction() as connection:
                ids = await store.other_holds(connection, fresh.hold_minutes, RENEWED)
                if not ids:
                    return
                renewed = [
                    row.id for row in await store.lock_all(connection, ids) if await self._renew(connection, row, fresh)
                ]
                await self.publish(connection, renewed)
            log.info("policies_renewed", spaces=len(renewed))

    @staticmethod
    async def _renew(connection: AsyncConnection, row: SpaceRow, fresh: CatalogPolicy) -> bool:
        """Whether this process had to do it: every replica of catalog renews when the policy changes."""
        policies = resolved(row.booking, fresh)
        if row.policy == policies:
            return False
        await store.update_space(connection, row.id, {"revision": row.revision + 1, "policy": policies})
        return True

    async def _written(self, connection: AsyncConnection, changes: Changes) -> list[SpaceRow]:
        """Write the changes; the rows as stored. A slug that a space has left leads to it until another takes it."""
        for space_id, columns in changes.renewed:
            await store.update_space(connection, space_id, columns)
        for space_id, columns, spec in changes.changed:
            await store.update_space(connection, space_id, columns, spec)
        await store.leave_slugs(connection, changes.left_slugs)
        await store.take_slugs(connection, changes.taken_slugs)
        # After them: a slug may have been let go.
        await store.insert_spaces(connection, changes.new)
        told = [values["id"] for values, _ in changes.new] + [space_id for space_id, *_ in changes.changed]
        renewed = [space_id for space_id, _ in changes.renewed]
        return [*await self.publish(connection, told), *await store.load(connection, renewed)]

    async def publish(self, connection: AsyncConnection, space_ids: Sequence[UUID]) -> list[SpaceRow]:
        """Record what the spaces are now as events; the rows as stored."""
        stored = {row.id: row for row in await store.load(connection, space_ids)}
        rows = [await self.note_bookable(connection, stored[space_id]) for space_id in space_ids]
        await record(connection, OUTBOX, [states.changed(row) for row in rows])
        return rows

    async def note_bookable(self, connection: AsyncConnection, row: SpaceRow) -> SpaceRow:
        """Store why a space can be booked or not, when it has changed."""
        reason = states.bookable(row).reason
        if reason != row.bookable_reason:
            await store.update_space(connection, row.id, {"bookable_reason": reason})
        return row

    async def remove(
        self,
        uid: UUID,
        mode: Literal["retain", "delete"],
        *,
        accept_affected: bool = False,
        release_to: str | None = None,
    ) -> None:
        """The resource is gone: keep its row unmanaged and unpublished, or remove it. Nothing for an unknown uid.

        A retained space honours its bookings, and is released to the resource ``release_to`` ("namespace/name"; empty:
        to none, None: to whom it was). Raises Problem 409 would-affect-bookings when removing it would strand
        some, unless that is accepted, 424 booking-unavailable when that cannot be known.
        """

        async def work(_items: Sequence[None], agreements: Agreements) -> list[Problem | Change | None]:
            return [await self._remove(uid, mode, accept_affected, agreements, release_to)]

        [answer] = await self.asking.through([None], work)
        if isinstance(answer, Problem):
            raise answer

    async def _remove(
        self,
        uid: UUID,
        mode: Literal["retain", "delete"],
        accepted: bool,
        agreements: Agreements,
        release_to: str | None,
    ) -> Change | None:
        async with self.database.transaction() as connection:
            row = await store.lock_declared(connection, uid)
            if row is None:
                return None
            if mode == "delete":
                change = Change(row.id, row.revision + 1, None, accepted)
                if not agreed(change, agreements):
                    return change
                await store.bury(connection, row.id, row.revision + 1)
                await record(connection, OUTBOX, [SpaceRemoved(space_id=row.id, revision=row.revision + 1)])
            elif row.managed:
                gone = {"managed": False, "published": False, "missing_since": None, "revision": row.revision + 1}
                released = {} if release_to is None else {"release_to": release_to or None}
                await store.update_space(connection, row.id, gone | released)
                await self.publish(connection, [row.id])
        return None

    async def affected(self, uid: UUID, spec: SpaceSpec | None) -> SpaceAffected:
        """How many bookings another spec, or the removal, of a declared space would strand. Nothing is changed.

        Raises Problem 404, 422 with the faults of the spec, 424 when booking does not answer.
        """
        if spec is not None and (refusal := refusal_of(spec)):
            raise refusal
        async with self.database.read() as connection:
            row = await store.by_uid(connection, uid)
        if row is None:
            raise not_found("This space")
        if spec is None:
            return await self.asking.affected(row.id, None)
        change = change_of(row, filled_up(row, spec.model_dump(mode="json"))[0], accepted=False)
        if change is None:
            return SpaceAffected(affected=0, bookings=[], seconds=None)
        return await self.asking.affected(row.id, change.space)

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

    async def stored(self, wanted: Mapping[str, str], cursor: str, limit: int) -> tuple[list[StoredSpace], str | None]:
        """A page of what rows hold, and the next cursor; ``wanted`` are columns by value, empty for any."""
        async with self.database.read() as connection:
            rows = await store.stored(connection, after_id(cursor), limit, wanted)
        following = encode_cursor([str(rows[-1].id)]) if len(rows) == limit else None
        return [states.stored(row) for row in rows], following

    async def note_applied(self, event: SpaceApplied) -> None:
        """Keep a service's newest answer about a space; answers about unknown or removed spaces are of no use."""
        await self._words.do(event)

    async def note_located(self, event: SpaceLocated) -> None:
        """Keep geo's newest word about where a space is."""
        await self._words.do(event)

    async def _note_all(self, events: Sequence[SpaceApplied | SpaceLocated]) -> list[None]:
        async with self.database.transaction() as connection:
            rows = {row.id: row for row in await store.lock_all(connection, {event.space_id for event in events})}
            heard = {row.id: states.Words(row) for row in rows.values()}
            for event in events:
                if event.space_id in heard:
                    heard[event.space_id].hear(event)
                else:
                    log.info("word_about_unknown_space", space_id=str(event.space_id), type=event.type)
            kept = [words.columns() for words in heard.values() if words.news]
            await store.keep_words(connection, kept)
            await self._tell_otherwise(connection, [(rows[one["id"]], one) for one in kept])
        return [None] * len(events)

    async def _tell_otherwise(
        self, connection: AsyncConnection, kept: Sequence[tuple[SpaceRow, Mapping[str, Any]]]
    ) -> None:
        """Tell of locked spaces that are withheld since these columns were written, or no longer."""
        anew = [row for row, columns in kept if states.told_otherwise(row, columns)]
        for row in anew:
            fresh = {"revision": row.revision + 1, "bookable_reason": "AwaitingBooking"}  # nothing was sold so far
            await store.update_space(connection, row.id, fresh)
        await self.publish(connection, [row.id for row in anew])

    async def keep_answers(self, connection: AsyncConnection, row: SpaceRow, answers: dict[str, Any]) -> None:
        """Store services' answers about a locked space, with what follows from them."""
        columns = states.follows(row, answers, located=row.located is not None)
        await store.update_space(connection, row.id, columns)
        await self._tell_otherwise(connection, [(row, columns)])

    async def note_city(self, event: CityChanged) -> None:
        """Keep geo's newest word about a city."""
        async with self.database.transaction() as connection:
            await store.put_city(connection, states.city_values(event))
