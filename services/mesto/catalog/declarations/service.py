"""Spaces as resources declare them: each change is load, rule, save, record the event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import structlog
from mesto.catalog.cities.service import Cities
from mesto.catalog.declarations import rules, store
from mesto.catalog.declarations.rules import Claim, ClaimRefused, SlugOwner
from mesto.catalog.impact.client import ImpactClient
from mesto.catalog.impact.records import Approvals, Change, approved
from mesto.catalog.impact.service import change_of, removal_of
from mesto.catalog.owner_edits.rules import declared_spec, effective_spec, intact, merge_overrides, values
from mesto.catalog.ownership import rules as ownership_rules
from mesto.catalog.ownership.service import Ownership
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import rules as listing
from mesto.catalog.spaces.records import NewSpace, Space, SpaceDocument, SpaceOwnership, document_of, owner_key
from mesto.catalog.spaces.service import Spaces, resolve_policy
from mesto.catalog.validation.service import refusal_of, slug_refusal_of
from mesto.common.errors import Problem, not_found
from mesto.contracts.policy import not_allowed
from mesto.contracts.proposals import SpaceAffected
from mesto.contracts.spaces import Located, SpaceSpec, SpaceState, SpaceUpsert, SpaceUpsertResult, fingerprint
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
RETRIES = 4
_DEADLOCK = "40P01"
_UNKNOWN_CITY = 'The city "{}" is not declared in the PlatformConfig: add it there or correct spec.city.'
Outcome = Literal["created", "updated", "unchanged", "adopted"]
Upserts = Sequence[tuple[UUID, SpaceUpsert]]
"""Generations of spaces by the uids of their resources."""


@dataclass(frozen=True)
class Content:
    """What a space is to be: the spec in effect, and what the owner has set of it."""

    spec: SpaceDocument
    overrides: dict[str, object]


@dataclass
class Changes:
    """What a batch of claims writes: new rows, whole new contents of known ones, or only who declares them."""

    new: list[NewSpace] = field(default_factory=list)
    changed: list[tuple[UUID, dict[str, object], SpaceDocument]] = field(default_factory=list)
    renewed: list[tuple[UUID, dict[str, object]]] = field(default_factory=list)
    left_slugs: list[tuple[str, UUID]] = field(default_factory=list)
    taken_slugs: list[str] = field(default_factory=list)
    given: list[UUID] = field(default_factory=list)
    """Spaces that have come to belong to an account."""


@dataclass
class Candidates:
    """The rows that a batch of claims is resolved among; ``owners`` follows what the batch has settled so far.

    ``tenures`` says by address who has verified it, of those addresses that rows may come to name.
    """

    spaces: dict[UUID, Space]
    owners: dict[UUID, SlugOwner]
    unknown_cities: set[str]
    tenures: Mapping[str, Sequence[ownership_rules.Tenure]]


class Declarations:
    """Spaces of custom resources."""

    def __init__(
        self, settings: CatalogSettings, spaces: Spaces, cities: Cities, impact: ImpactClient, ownership: Ownership
    ) -> None:
        self.public_url = settings.public_url.rstrip("/")
        self.database, self.spaces, self.cities, self.impact = spaces.database, spaces, cities, impact
        self.ownership = ownership

    async def upsert(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        """Store a generation of a declared space.

        Raises Problem 422 with the faults of the spec, 409 stale-generation, slug-conflict, adopt-needed,
        adopt-unknown or would-affect-bookings, 424 booking-unavailable when that cannot be known.
        """
        answer = (await self.upsert_all([(uid, body)]))[0]
        if isinstance(answer, Problem):
            raise answer
        return answer

    async def upsert_all(self, upserts: Upserts) -> list[SpaceUpsertResult | Problem]:
        """Store generations of several spaces in one transaction; each gets its own answer, in order.

        They are resolved one after the other, as if they had come so; what is refused leaves no trace. Those that might
        strand bookings come after the others, in a transaction of their own, once booking has agreed. Each uid may come
        once. Raises Problem 503 when others change the same spaces all the time.
        """
        return await self.impact.run(upserts, self._upsert_approved)

    async def _upsert_approved(
        self, upserts: Upserts, approvals: Approvals
    ) -> list[SpaceUpsertResult | Problem | Change]:
        for _ in range(RETRIES):
            try:
                async with self.database.transaction() as connection:
                    return await self._upsert_all(connection, upserts, approvals)
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
        self, connection: AsyncConnection, upserts: Upserts, approvals: Approvals
    ) -> list[SpaceUpsertResult | Problem | Change]:
        claims = [
            Claim(uid, body.namespace, body.name, body.generation, body.slug, body.adopt, body.release_to)
            for uid, body in upserts
        ]
        faults = [slug_refusal_of(body.slug) or refusal_of(body.spec) for _, body in upserts]
        candidates = await self._candidates(
            connection, upserts, [claim for claim, fault in zip(claims, faults, strict=True) if fault is None]
        )
        changes = Changes()
        outcomes: list[tuple[Outcome, UUID] | Problem | Change] = [
            fault if fault is not None else self._resolve(candidates, changes, claim, body, approvals)
            for (_, body), claim, fault in zip(upserts, claims, faults, strict=True)
        ]
        stored = candidates.spaces | {space.id: space for space in await self._write(connection, changes)}
        return [
            outcome
            if isinstance(outcome, Problem | Change)
            else SpaceUpsertResult(outcome=outcome[0], state=self.state(stored[outcome[1]]))
            for outcome in outcomes
        ]

    async def _candidates(self, connection: AsyncConnection, upserts: Upserts, claims: Sequence[Claim]) -> Candidates:
        """Lock the rows that these claims are resolved among, and find out which of their cities geo does not know."""
        await self.ownership.lock_named(connection, {body.spec.owner_email for _, body in upserts})
        ids = await store.lock_candidates(connection, claims)
        spaces = {space.id: space for space in await self.spaces.load(connection, ids)}
        others = {body.spec.city for _, body in upserts} - {space.city for space in spaces.values()}
        unknown = others - await self.cities.list_known(connection, others if spaces else ())
        stored = {space.uid: space.owner_key for space in spaces.values()}
        named = {uid: owner_key(body.spec.owner_email) for uid, body in upserts}
        fresh = {key for uid, key in named.items() if key and key != stored.get(uid)}
        tenures = await self.ownership.list_tenures(connection, fresh)
        return Candidates(spaces, {space.id: _owner_of(space) for space in spaces.values()}, unknown, tenures)

    def _resolve(
        self, candidates: Candidates, changes: Changes, claim: Claim, body: SpaceUpsert, approvals: Approvals
    ) -> tuple[Outcome, UUID] | Problem | Change:
        """Note what a sound claim changes, unless it is refused or has to be asked about first."""
        if not self.spaces.configuration.policy.may_use(claim.namespace, body.spec.city):
            return Problem(409, "city-not-allowed", not_allowed(claim.namespace, body.spec.city))
        try:
            target = rules.resolve_claim(claim, list(candidates.owners.values()))
        except ClaimRefused as refused:
            known: Any = {"space_id": str(refused.space_id)} if refused.space_id else {}
            return Problem(409, refused.slug, refused.detail, **known)
        before = candidates.spaces[target.id] if target else None
        content = content_of(before, document_of(body.spec), claim)
        city = content.spec["city"]
        if before is not None and before.listing == listing.LISTED and city in candidates.unknown_cities:
            return Problem(409, "unknown-city", _UNKNOWN_CITY.format(city))
        change = change_of(before, content.spec, accepted=body.accept_affected) if before else None
        if change is not None and not approved(change, approvals):
            return change
        outcome, owner = self._settle(candidates, changes, claim, before, content)
        candidates.owners[owner.id] = owner
        return outcome, owner.id

    def _settle(
        self, candidates: Candidates, changes: Changes, claim: Claim, space: Space | None, content: Content
    ) -> tuple[Outcome, SlugOwner]:
        """Note what a claim changes in ``space``, None for a new one; return its outcome and who then has the slug."""
        policy = resolve_policy(content.spec["booking"], self.spaces.configuration.policy)
        owner = claim.as_owner(space.id if space else uuid4())
        ownership = _ownership(space, content.spec["owner_email"], candidates)
        if ownership.owner_id is not None and (space is None or space.owner_id != ownership.owner_id):
            changes.given.append(owner.id)
        if space is None:
            changes.taken_slugs.append(claim.slug)
            changes.new.append(_new_space(owner, content.spec, policy, ownership))
            return "created", owner
        identity: dict[str, object] = {
            "uid": claim.uid,
            "namespace": claim.namespace,
            "name": claim.name,
            "generation": claim.generation,
            "managed": True,
            "missing_since": None,
            "release_to": claim.release_to,
        }
        before = (space.document, space.owner_overrides, space.slug, space.policy)
        same = before == (content.spec, content.overrides, claim.slug, policy) and ownership == space.ownership
        if same and all(getattr(space, name) == value for name, value in identity.items()):
            return "unchanged", owner
        adopted = space.uid != claim.uid or not space.managed
        if same and not adopted:
            # Only the generation is new: nothing for other services, whose answers stay true.
            changes.renewed.append((space.id, identity))
            return "updated", owner
        if space.slug != claim.slug:
            changes.left_slugs.append((space.slug, space.id))
            changes.taken_slugs.append(claim.slug)
        columns = {"revision": space.revision + 1, "slug": claim.slug, "policy": policy, "held": content.overrides}
        changes.changed.append((space.id, identity | columns | vars(ownership), content.spec))
        return ("adopted" if adopted else "updated"), owner

    async def _write(self, connection: AsyncConnection, changes: Changes) -> list[Space]:
        """Write the changes; return the spaces as stored."""
        for space_id, columns in changes.renewed:
            await self.spaces.update(connection, space_id, columns)
        for space_id, columns, spec in changes.changed:
            await self.spaces.update(connection, space_id, columns, spec)
        await self.spaces.move_slugs(connection, changes.left_slugs, changes.taken_slugs)
        # After them: a slug may have been left.
        await self.spaces.insert(connection, changes.new)
        fresh = [space.id for space in changes.new] + [space_id for space_id, *_ in changes.changed]
        renewed = [space_id for space_id, _ in changes.renewed]
        published = await self.spaces.publish(connection, fresh)
        await self.ownership.announce(connection, [space for space in published if space.id in changes.given])
        return [*published, *await self.spaces.load(connection, renewed)]

    async def remove(
        self,
        uid: UUID,
        mode: Literal["retain", "delete"],
        *,
        accept_affected: bool = False,
        release_to: str | None = None,
    ) -> None:
        """Keep the row of a resource that is gone unmanaged and unpublished, or remove it. Nothing for an unknown uid.

        A retained space honours its bookings, and is released to the resource ``release_to`` ("namespace/name"; empty:
        to none, None: to whom it was). Raises Problem 409 would-affect-bookings when removing it would strand
        some, unless that is accepted, 424 booking-unavailable when that cannot be known.
        """

        async def work(_items: Sequence[None], approvals: Approvals) -> list[Problem | Change | None]:
            async with self.database.transaction() as connection:
                space = await self._lock_declared(connection, uid)
                if space is None:
                    return [None]
                if mode == "retain":
                    await self._retain(connection, space, release_to)
                    return [None]
                change = removal_of(space, accepted=accept_affected)
                if not approved(change, approvals):
                    return [change]
                await self.spaces.remove(connection, space)
            return [None]

        [answer] = await self.impact.run([None], work)
        if isinstance(answer, Problem):
            raise answer

    async def _lock_declared(self, connection: AsyncConnection, uid: UUID) -> Space | None:
        found = await self.spaces.load(connection, await store.lock_declared(connection, uid))
        return next(iter(found), None)

    async def _retain(self, connection: AsyncConnection, space: Space, release_to: str | None) -> None:
        if not space.managed:
            return
        left: dict[str, object] = {
            "managed": False,
            "published": False,
            "missing_since": None,
            "revision": space.revision + 1,
        }
        if release_to is not None:
            left["release_to"] = release_to or None
        await self.spaces.update(connection, space.id, left)
        await self.spaces.publish(connection, [space.id])

    async def count_affected(self, uid: UUID, spec: SpaceSpec | None) -> SpaceAffected:
        """Return how many bookings another spec, or the removal, of a declared space would strand.

        Nothing is changed. Raises Problem 404, 422 with the faults of the spec, 424 when booking does not answer.
        """
        if spec is not None and (refusal := refusal_of(spec)):
            raise refusal
        space = await self.spaces.find_by_uid(uid)
        if space is None:
            raise not_found("This space")
        if spec is None:
            return await self.impact.count_affected(space.id, None)
        change = change_of(space, content_of(space, document_of(spec)).spec, accepted=False)
        if change is None:
            return SpaceAffected(affected=0, bookings=[], seconds=None)
        return await self.impact.count_affected(space.id, change.space)

    async def get(self, uid: UUID) -> SpaceState:
        """Return the space of a resource. Raises Problem 404."""
        space = await self.spaces.find_by_uid(uid)
        if space is None:
            raise not_found("This space")
        return self.state(space)

    def state(self, space: Space) -> SpaceState:
        """Return a space for the operator.

        A row that its resource left (retained) is as removed to it as one that is deleted.
        """
        removed = space.removed or not space.managed
        return SpaceState(
            uid=space.uid,
            namespace=space.namespace,
            name=space.name,
            space_id=space.id,
            slug=space.slug,
            url=f"{self.public_url}/spaces/{space.slug}" if space.listed and not removed else "",
            revision=space.revision,
            generation=space.generation,
            removed=removed,
            bookable=space.bookable(),
            applied=space.answers,
            located=Located.model_validate(space.located) if space.located else None,
            fingerprint="" if space.removed else _fingerprint(space),
            owner_claimed=space.owner_id is not None if space.owner_decided else None,
        )


def content_of(space: Space | None, declared: SpaceDocument, claim: Claim | None = None) -> Content:
    """Return a declared spec filled up with what the owner has set of the stored space, and what of that is kept.

    Nothing is kept when another resource adopts the space or when it has no owner any more: nobody could take it back.
    """
    if space is None or not space.owner_overrides:
        return Content(declared, {})
    if not declared["owner_email"] or (claim and not _owner_of(space).belongs_to(claim)):
        return Content(declared, {})
    overrides = merge_overrides(declared, values(space.owner_overrides))
    spec = effective_spec(declared, overrides)
    try:
        SpaceSpec.model_validate(spec)
    except ValidationError as error:  # somebody wrote it by SQL; one row must not stop a batch
        log.warning("owners_values_dropped", space_id=str(space.id), errors=error.error_count())
        return Content(declared, {})
    return Content(spec, overrides)


def _owner_of(space: Space) -> SlugOwner:
    """Return the part of a space that claims are resolved by."""
    identity = (space.uid, space.namespace, space.name, space.generation, space.slug, space.managed)
    return SlugOwner(space.id, *identity, missing=space.missing_since is not None, release_to=space.release_to)


def _ownership(space: Space | None, email: str | None, candidates: Candidates) -> SpaceOwnership:
    """Return whose a space is that names an address from now on. The same address once more changes nothing.

    Of what the release before has written this is decided for all spaces together, once all accounts are known.
    """
    key = owner_key(email)
    if space is not None:
        undecided = space.owner_key is None and space.owner_email is not None
        if key == (owner_key(space.owner_email) if undecided else space.owner_key):
            return space.ownership
    now = datetime.now(UTC)
    tenures = candidates.tenures.get(key or "", ())
    return SpaceOwnership(key, now if key else None, ownership_rules.first_owner(tenures, now))


def _new_space(owner: SlugOwner, spec: SpaceDocument, policy: dict[str, object], ownership: SpaceOwnership) -> NewSpace:
    return NewSpace(
        id=owner.id,
        uid=owner.uid,
        namespace=owner.namespace,
        name=owner.name,
        generation=owner.generation,
        release_to=owner.release_to,
        slug=owner.slug,
        policy=policy,
        bookable_reason="AwaitingBooking",
        listing=listing.FIRST,
        spec=spec,
        ownership=ownership,
    )


def _fingerprint(space: Space) -> str:
    if intact(space.document, space.owner_overrides):
        declared = declared_spec(space.document, space.owner_overrides)
        return fingerprint(space.slug, declared, space.release_to)
    edited = {**space.document, "held": space.owner_overrides}
    return fingerprint(space.slug, edited)  # of no declared spec: the operator puts it right
