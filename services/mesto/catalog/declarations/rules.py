"""Whose row a declaration may write: identity by uid, slugs unique on the platform, adoption never by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Claim:
    """A resource that asks to be stored under a slug. ``adopt`` names a row of its namespace that it may take over.

    ``release_to`` is the resource ("namespace/name") that may take the row once this one has left it.
    """

    uid: UUID
    namespace: str
    name: str
    generation: int
    slug: str
    adopt: UUID | None
    release_to: str | None = None

    @property
    def whole_name(self) -> str:
        """As ``release_to`` names it."""
        return f"{self.namespace}/{self.name}"

    def as_owner(self, space_id: UUID) -> SlugOwner:
        """Return the space once the claim is written."""
        identity = (self.uid, self.namespace, self.name, self.generation, self.slug)
        return SlugOwner(space_id, *identity, managed=True, release_to=self.release_to)


@dataclass(frozen=True)
class SlugOwner:
    """A stored space as far as claims are concerned.

    ``missing``: the operator has found that the resource that should manage it does not exist.
    """

    id: UUID
    uid: UUID
    namespace: str
    name: str
    generation: int
    slug: str
    managed: bool
    missing: bool = False
    release_to: str | None = None

    @property
    def left(self) -> bool:
        """Whether no resource manages it any more."""
        return not self.managed or self.missing

    def belongs_to(self, claim: Claim) -> bool:
        """Return whether the claimant declared it, be it in an earlier life (deleted and created again)."""
        return (self.namespace, self.name) == (claim.namespace, claim.name)

    def given_to(self, claim: Claim) -> bool:
        """Return whether the side that has left it has consented to this claimant."""
        return self.left and self.release_to == claim.whole_name

    def adopted_by(self, claim: Claim) -> bool:
        """Return whether the claimant names it by its id, and may: an id alone proves nothing to another namespace."""
        return self.left and self.id == claim.adopt and self.namespace == claim.namespace


class ClaimRefused(Exception):
    """The claim conflicts with what is stored. ``slug`` is stable: stale-generation, slug-conflict, adopt-needed or
    adopt-unknown.

    ``space_id`` is None where the claimant's namespace has no business with the space.
    """

    def __init__(self, slug: str, detail: str, space_id: UUID | None) -> None:
        super().__init__(detail)
        self.slug, self.detail, self.space_id = slug, detail, space_id


def resolve_claim(claim: Claim, rows: Sequence[SlugOwner]) -> SlugOwner | None:
    """Return the row that the claim writes, None for a new one. Raises ClaimRefused.

    ``rows`` are those that have the claim's uid, its slug, the id that it wants to adopt, or that are released to it. A
    managed row of the same namespace and name but another uid belongs to a resource that cannot exist any more (it was
    deleted without its finalizer), so its successor takes it over.
    """
    own = next((row for row in rows if row.uid == claim.uid), None)
    owner = next((row for row in rows if row.slug == claim.slug), None)
    if own is not None:
        if claim.generation < own.generation:
            raise ClaimRefused(
                "stale-generation",
                f"Generation {own.generation} is stored already; {claim.generation} is older.",
                own.id,
            )
        if owner is not None and owner is not own:
            raise _taken(claim, owner, has=own.slug)
        return own
    if owner is None:
        return _elsewhere(claim, rows)
    if owner.belongs_to(claim) or owner.given_to(claim) or owner.adopted_by(claim):
        return owner
    if owner.left and owner.namespace == claim.namespace:
        raise ClaimRefused(
            "adopt-needed",
            f"The slug {claim.slug} belongs to the space {owner.id} of {owner.namespace}/{owner.name}, which no "
            f'resource manages. To take it over annotate mesto.dev/adopt: "{owner.id}"; else take another slug.',
            owner.id,
        )
    raise _taken(claim, owner)


def _elsewhere(claim: Claim, rows: Sequence[SlugOwner]) -> SlugOwner | None:
    """Return the row under another slug that the claim may have: of the id that it names, else one released to it."""
    named = next((row for row in rows if row.id == claim.adopt), None)
    if named is not None:
        if named.adopted_by(claim) or named.given_to(claim):
            return named
        if named.namespace != claim.namespace:
            raise ClaimRefused(
                "slug-conflict", f"mesto.dev/adopt names a space of another namespace. {_release_advice(claim)}", None
            )
        whose = f"mesto.dev/adopt names the space of {named.namespace}/{named.name}, a resource that manages it."
        raise ClaimRefused("slug-conflict", f"{whose} {_FOR_A_NEW_ONE}", named.id)
    if claim.adopt is not None:
        raise ClaimRefused(
            "adopt-unknown", f"mesto.dev/adopt: no space has the id {claim.adopt}. {_FOR_A_NEW_ONE}", None
        )
    return next((row for row in rows if row.given_to(claim)), None)


_FOR_A_NEW_ONE = "Write the id of a space that was left, or remove the annotation to make a new space."


def _release_advice(claim: Claim) -> str:
    """Return how a space comes from one namespace to another."""
    return f'Its side lets it go by the annotation mesto.dev/release-to: "{claim.whole_name}".'


def _taken(claim: Claim, owner: SlugOwner, has: str = "") -> ClaimRefused:
    """Return why a slug is taken. ``has`` is the slug that the claimant has now, empty for none."""
    if not owner.left:
        whose = f"The slug {claim.slug} is taken by {owner.namespace}/{owner.name}."
        swap = f" If that one is to get {has} in return, give it a third slug first." if has else ""
        return ClaimRefused("slug-conflict", f"{whose} Choose another spec.slug.{swap}", _known(claim, owner))
    if owner.namespace == claim.namespace:
        detail = f"The slug {claim.slug} is held by the space {owner.id} of {owner.namespace}/{owner.name}, which no "
        return ClaimRefused("slug-conflict", detail + "resource manages. Choose another spec.slug.", owner.id)
    detail = f"The slug {claim.slug} is held by a space of another namespace that no resource manages now."
    return ClaimRefused("slug-conflict", f"{detail} Choose another spec.slug. {_release_advice(claim)}", None)


def _known(claim: Claim, owner: SlugOwner) -> UUID | None:
    return owner.id if owner.namespace == claim.namespace else None
