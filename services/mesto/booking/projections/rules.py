"""From catalog's events to what booking keeps of them."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

from mesto.booking.opening_hours.rules import make_calendar
from mesto.booking.spaces.records import DeclaredResource, DeclaredSpace
from mesto.contracts.events import SpaceChanged, SpaceResource
from mesto.contracts.text import Text


def refusal_of(event: SpaceChanged) -> tuple[str, str] | None:
    """Return reason and sentence when the opening hours make no sense."""
    body = event.model_dump(mode="json", include={"opening_hours", "exceptions"})
    try:
        make_calendar(event.time_zone, body["opening_hours"], body["exceptions"])
    except (ZoneInfoNotFoundError, OSError):
        return "UnknownTimeZone", f"There is no time zone {event.time_zone!r}."
    except ValueError as error:
        return "InvalidOpeningHours", str(error)
    return None


def declared_space(event: SpaceChanged, owner_email: str | None) -> DeclaredSpace:
    """Return what is kept of a space; ``owner_email`` is its owner's address in its common form."""
    body = event.model_dump(mode="json")
    return DeclaredSpace(
        id=event.space_id,
        revision=event.revision,
        removed=False,
        published=event.published,
        slug=event.slug,
        title=body["title"],
        address=event.address,
        latitude=event.location.latitude,
        longitude=event.location.longitude,
        time_zone=event.time_zone,
        opening_hours=body["opening_hours"],
        exceptions=body["exceptions"],
        approval=event.policy.approval,
        hold_minutes=event.policy.hold_minutes,
        cancellation=body["policy"]["cancellation"],
        owner_email=owner_email,
        owner_id=event.owner_id if event.owner_decided else None,
        owner_decided=event.owner_decided,
        reason="Applied",
        message="",
    )


def declared_resource(event: SpaceChanged, resource: SpaceResource) -> DeclaredResource:
    """Return what is kept of a resource, but for its unit."""
    body = resource.model_dump(mode="json")
    title = resource.title or Text(en=resource.name, ru=resource.name)
    return DeclaredResource(
        id=resource.id,
        space_id=event.space_id,
        active=True,
        name=resource.name,
        kind=body["kind"],
        title=title.model_dump(mode="json"),
        seats=resource.seats,
        prices=body["prices"],
        slot_minutes=resource.slot_minutes,
        min_duration_minutes=resource.min_duration_minutes,
        max_duration_minutes=resource.max_duration_minutes,
        buffer_minutes=resource.buffer_minutes,
        min_notice_minutes=resource.min_notice_minutes,
        max_advance_days=resource.max_advance_days,
    )


def unknown_space(
    space_id: UUID, revision: int, *, removed: bool = False, reason: str = "Applied", message: str = ""
) -> DeclaredSpace:
    """Return a space that booking has never seen, or whose first state made no sense."""
    return DeclaredSpace(
        id=space_id,
        revision=revision,
        removed=removed,
        published=False,
        slug="",
        title={},
        address="",
        latitude=None,
        longitude=None,
        time_zone="UTC",
        opening_hours=[],
        exceptions=[],
        approval="instant",
        hold_minutes=15,
        cancellation=[],
        owner_email=None,
        owner_id=None,
        owner_decided=False,
        reason=reason,
        message=message,
    )
