"""From stored rows to what other parts are told: states for the operator, events for the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mesto.catalog.owner_edits import rules as ownership
from mesto.catalog.spaces import rules as policy
from mesto.catalog.spaces.store import SpaceRow, document, resource_id
from mesto.contracts.events import CityChanged, SpaceApplied, SpaceChanged, SpaceLocated
from mesto.contracts.proposals import ProposedSpace
from mesto.contracts.spaces import Applied, Bookable, Located, SpaceState, StoredSpace, fingerprint


def applied(row: SpaceRow) -> dict[str, Applied]:
    """What each service has answered last."""
    return {service: Applied.model_validate(answer) for service, answer in row.applied.items()}


def answer(event: SpaceApplied) -> Applied:
    """A service's answer as it is stored."""
    return Applied.model_validate(event.model_dump(exclude={"space_id", "service"}))


def located_values(event: SpaceLocated) -> dict[str, Any]:
    """The columns that geo's word about a space goes into. Doubts are rare: rows without any do not say so."""
    unsaid = {"space_id", "revision"} | (set() if event.doubts else {"doubts"})
    return {
        "located": event.model_dump(exclude=unsaid),
        "located_revision": event.revision,
        "district": event.district.slug if event.district else None,
    }


def city_values(event: CityChanged) -> dict[str, Any]:
    """A row of ``cities``."""
    values = event.model_dump(include={"slug", "revision", "time_zone", "currency"})
    return values | {"name": event.name.model_dump()}


class Words:
    """What other services say about a stored space: older words than those it has heard are no news."""

    def __init__(self, row: SpaceRow) -> None:
        self._row, self.news = row, False
        self._answers: dict[str, Any] = dict(row.applied)
        self._place = {name: getattr(row, name) for name in ("located", "located_revision", "district")}

    def hear(self, event: SpaceApplied | SpaceLocated) -> None:
        """Note an answer or a place."""
        if isinstance(event, SpaceLocated):
            if event.revision > self._place["located_revision"]:
                self._place, self.news = located_values(event), True
            return
        told, before = answer(event), self._answers.get(event.service)
        if policy.newer(Applied.model_validate(before) if before else None, told):
            self._answers[event.service], self.news = told.model_dump(), True

    def columns(self) -> dict[str, Any]:
        """The space's id and all columns that follow from what was heard."""
        located = self._place["located"] is not None
        return {"id": self._row.id, **follows(self._row, self._answers, located=located), **self._place}


def follows(row: SpaceRow, answers: dict[str, Any], *, located: bool) -> dict[str, Any]:
    """The columns that follow from other answers of services than those stored, these among them."""
    said = {service: Applied.model_validate(answer) for service, answer in answers.items()}
    listing = policy.listing(row.listing, row.revision, said, located=located)
    reason = policy.bookable(_offer(row, listing), said.get("booking"), said.get("geo")).reason
    return {"applied": answers, "bookable_reason": reason, "listing": listing}


def told_otherwise(row: SpaceRow, columns: Mapping[str, Any]) -> bool:
    """Whether other services must hear of a space anew because it is withheld from now on, or no longer."""
    return bool((row.listing == policy.WITHHELD) != (columns["listing"] == policy.WITHHELD))


def _offer(row: SpaceRow, listing: str) -> policy.Offer:
    return policy.Offer(
        published=row.published,
        resources=len(row.resources),
        prices=sum(len(resource["prices"]) for resource in row.resources),
        ever_open=bool(row.opening_hours) or any(not day["closed"] for day in row.exceptions),
        revision=row.revision,
        listing=listing,
        was=row.bookable_reason,
    )


def listed(row: SpaceRow) -> bool:
    """Whether the public may know of it."""
    return bool(row.published) and row.listing == policy.LISTED


def bookable(row: SpaceRow) -> Bookable:
    """Whether the stored space can be booked now."""
    said = applied(row)
    return policy.bookable(_offer(row, row.listing), said.get("booking"), said.get("geo"))


def state(row: SpaceRow, public_url: str) -> SpaceState:
    """A space for the operator. A row that its resource left (retained) is as removed to it as one that is gone."""
    gone = row.removed or not row.managed
    return SpaceState(
        uid=row.uid,
        namespace=row.namespace,
        name=row.name,
        space_id=row.id,
        slug=row.slug,
        url=f"{public_url.rstrip('/')}/spaces/{row.slug}" if listed(row) and not gone else "",
        revision=row.revision,
        generation=row.generation,
        removed=gone,
        bookable=bookable(row),
        applied=applied(row),
        located=Located.model_validate(row.located) if row.located else None,
        fingerprint="" if row.removed else _fingerprint(row),
    )


def declared(row: SpaceRow) -> dict[str, Any]:
    """The spec without what the owner has set."""
    return ownership.declared_in(document(row), row.held)


def _fingerprint(row: SpaceRow) -> str:
    whole = document(row)
    if ownership.intact(whole, row.held):
        return fingerprint(row.slug, ownership.declared_in(whole, row.held), row.release_to)
    return fingerprint(row.slug, whole | {"held": row.held})  # of no declared spec: the operator puts it right


def stored(row: SpaceRow) -> StoredSpace:
    """A space as its row holds it, for an export."""
    facts = {name: getattr(row, name) for name in ("namespace", "name", "slug", "managed")}
    return StoredSpace(space_id=row.id, spec=document(row), **facts)


def proposed(space_id: UUID, spec: Mapping[str, Any]) -> ProposedSpace:
    """What booking is asked about: a spec as it would be published."""
    fields = {name: spec[name] for name in ("time_zone", "opening_hours", "exceptions", "published")}
    resources = [one | {"id": resource_id(space_id, one["name"])} for one in spec["resources"]]
    place = {name: spec[name] for name in ("address", "location")}
    return ProposedSpace.model_validate(fields | {"resources": resources, "place": place})


def changed(row: SpaceRow) -> SpaceChanged:
    """The whole state of a stored space as an event. Raises ValidationError for a row that breaks the contract."""
    facts = {"space_id": row.id, "revision": row.revision, "slug": row.slug, "policy": row.policy}
    facts["published"] = row.published and row.listing != policy.WITHHELD
    return SpaceChanged.model_validate(document(row) | facts | {"resources": row.resources})
