"""Which changes booking must be asked about, in its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from mesto.catalog.impact.records import Change
from mesto.catalog.impact.rules import may_invalidate_bookings
from mesto.catalog.spaces.records import Space, SpaceDocument, resource_id
from mesto.contracts.proposals import ProposedSpace


def change_of(space: Space, spec: SpaceDocument, *, accepted: bool) -> Change | None:
    """Return what booking must be asked before a stored space becomes this; None when it can strand nobody."""
    since = datetime.now(UTC).date() - timedelta(days=1)  # today, in every zone
    if not may_invalidate_bookings(space.document, spec, since):
        return None
    return Change(space.id, space.revision + 1, _proposed(space.id, spec), accepted)


def removal_of(space: Space, *, accepted: bool) -> Change:
    """Return what booking must be asked before a stored space is removed."""
    return Change(space.id, space.revision + 1, None, accepted)


def _proposed(space_id: UUID, spec: SpaceDocument) -> ProposedSpace:
    """Return a spec as it would be published."""
    return ProposedSpace.model_validate(
        {
            "time_zone": spec["time_zone"],
            "opening_hours": spec["opening_hours"],
            "exceptions": spec["exceptions"],
            "published": spec["published"],
            "resources": [
                {**resource, "id": resource_id(space_id, resource["name"])} for resource in spec["resources"]
            ],
            "place": {"address": spec["address"], "location": spec["location"]},
        }
    )
