"""Whose row a declaration may write: identity by uid, slugs unique on the platform, adoption never by accident."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Claim:
    """A resource that asks to be stored under a slug. ``adopt`` names a row that it may take over."""

    uid: UUID
    namespace: str
    name: str
    generation: int
    slug: str
    adopt: UUID | None

    def held(self, space_id: UUID) -> Holder:
        """The space once the claim is written."""
        return Holder(space_id, self.uid, self.namespace, self.name, self.generation, self.slug, managed=True)


@dataclass(frozen=True)
class Holder:
    """A stored space as far as claims are concerned."""

    id: UUID
    uid: UUID
    namespace: str
    name: str
    generation: int
    slug: str
    managed: bool

    def belongs_to(self, claim: Claim) -> bool:
        """Whether the claimant is the one that declared it, be it in an earlier life (deleted and created again)."""
        return (self.namespace, self.name) == (claim.namespace, claim.name)


class ClaimRefused(Exception):
    """The claim conflicts with what is stored. ``slug`` is stable: stale-generation, slug-conflict, adopt-needed."""

    def __init__(self, slug: str, detail: str, space_id: UUID) -> None:
        super().__init__(detail)
        self.slug, self.detail, self.space_id = slug, detail, space_id


def settle(claim: Claim, rows: list[Holder]) -> Holder | None:
    """The row that the claim writes, None for a new one. Raises ClaimRefused.

    ``rows`` are those that have the claim's uid, its slug, or the id that it wants to adopt. A managed row of the same
    namespace and name but another uid belongs to a resource that cannot exist any more (it was deleted without its
    finalizer), so its successor takes it over.
    """
    own = next((row for row in rows if row.uid == claim.uid), None)
    holder = next((row for row in rows if row.slug == claim.slug), None)
    if own is not None:
        if claim.generation < own.generation:
            raise ClaimRefused(
                "stale-generation",
                f"Generation {own.generation} is stored already; {claim.generation} is older.",
                own.id,
            )
        if holder is not None and holder is not own:
            raise _taken(claim, holder)
        return own
    target = holder
    if target is None:
        target = next((row for row in rows if row.id == claim.adopt and not row.managed), None)
    if target is None or target.belongs_to(claim):
        return target
    if target.managed:
        raise _taken(claim, target)
    if claim.adopt == target.id:
        return target
    raise ClaimRefused(
        "adopt-needed",
        f"The slug {claim.slug} belongs to the retained space {target.id} of {target.namespace}/{target.name}, "
        f'which no resource manages. To take it over annotate mesto.dev/adopt: "{target.id}"; else take another slug.',
        target.id,
    )


def _taken(claim: Claim, holder: Holder) -> ClaimRefused:
    whose = f"{holder.namespace}/{holder.name}"
    if holder.managed:
        detail = f"The slug {claim.slug} is taken by {whose}. Choose another spec.slug."
    else:
        detail = (
            f"The slug {claim.slug} is held by the retained space {holder.id} of {whose}. Choose another spec.slug."
        )
    return ClaimRefused("slug-conflict", detail, holder.id)
