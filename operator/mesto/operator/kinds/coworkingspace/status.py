"""The status of a CoworkingSpace from what services have answered: pure.

A condition is written only from an answer that names the generation; it says what was applied, not whether a process is
up this second. Reasons are stable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from mesto.contracts.spaces import Applied, SpaceState
from mesto.operator.conditions import Condition, Conditions, Notice, by_type, condition, merge, paused
from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceStatus, NearestTransit, OwnerStatus
from mesto.operator.objects import Status, dump_status

ORDER = ("Ready", "Synced", "Located", "Bookable", "Progressing", "Plausible")
NEWS = ("Ready", "Located", "Plausible")
"""Conditions whose bad news becomes an Event."""

_AWAITING, _APPLIED = "Awaiting", "Applied by catalog, booking and geo."
WOULD_AFFECT, BOOKING_AWAY = "WouldAffectBookings", "BookingUnavailable"


class Progress(Enum):
    """How far this generation has come."""

    STORED = "catalog has it"
    REFUSED = "catalog refuses it"
    INVALID = "it breaks the schema's models"
    UNREACHABLE = "catalog does not answer"
    PAUSED = "its owner asked to leave it alone"
    WAITING_TO_GO = "it is being deleted and catalog does not answer"
    AFFECTS_BOOKINGS = "it is being deleted and that would strand bookings"
    GONE = "its space is gone, and others hold the resource"


_STANDS_STILL = (Progress.REFUSED, Progress.INVALID, Progress.AFFECTS_BOOKINGS, Progress.PAUSED, Progress.GONE)
"""Nothing happens before somebody does something."""


@dataclass(frozen=True)
class StatusInput:
    """What a status is made of besides the one before."""

    generation: int
    state: SpaceState | None = None
    reason: str = ""
    message: str = ""


def build(before: Status, progress: Progress, given: StatusInput, now: datetime) -> Status:
    """Return the status in the API server's words; equal to ``before`` when there is nothing new."""
    old = CoworkingSpaceStatus.model_validate(before)
    conditions: Conditions = by_type(old.conditions)
    fields: dict[str, object] = {}
    if given.state is not None:
        fields |= _facts(given.state)
        fresh = list(_from_state(conditions, given.state))
    else:
        fresh = list(_without_state(conditions, progress, given))
    # What Ready speaks of: whoever compares it with the newest generation must not take the one before for it.
    fields["observed_generation"] = by_type(fresh)["Ready"].observed_generation
    fields["conditions"] = merge(conditions, fresh, ORDER, now)
    return dump_status(old.model_copy(update=fields))


def _facts(state: SpaceState) -> dict[str, object]:
    facts: dict[str, object] = {"space_id": str(state.space_id), "slug": state.slug, "url": state.url or None}
    facts["owner"] = None if state.owner_claimed is None else OwnerStatus(claimed=state.owner_claimed)
    if state.located is not None:
        nearest = min(state.located.transit, key=lambda stop: stop.metres, default=None)
        facts["district"] = state.located.district.slug if state.located.district else None
        facts["nearest_transit"] = (
            NearestTransit(name=nearest.name, line=nearest.line, metres=nearest.metres) if nearest else None
        )
    return facts


def _current_answer(state: SpaceState, service: str) -> Applied | None:
    """Return a service's answer about this revision, None while it is awaited."""
    answer = state.applied.get(service)
    return answer if answer is not None and answer.revision >= state.revision else None


def _from_state(before: Conditions, state: SpaceState) -> Iterator[Condition]:
    generation, geo = state.generation, _current_answer(state, "geo")
    yield condition("Synced", True, "Synced", f"Catalog has generation {generation}.", generation)
    yield from _bookable(before, state)
    if geo is not None:
        yield _located(state, geo)
    elif "Located" not in before:
        yield condition("Located", None, "AwaitingGeo", "Geo has not answered yet.", generation)
    yield from _plausible(before, state)
    yield from _readiness(before, _ready(state, geo))


def _plausible(before: Conditions, state: SpaceState) -> Iterator[Condition]:
    """Yield what geo doubts, which may be meant. There is no such condition before the first doubt."""
    located, generation = state.located, state.generation
    if located is None or located.space_revision < state.revision:
        return
    if located.doubts:
        message = " ".join(doubt.message for doubt in located.doubts)
        yield condition("Plausible", False, located.doubts[0].reason, message, generation)
    elif "Plausible" in before:
        yield condition("Plausible", True, "Plausible", "Position and time zone fit the city.", generation)


def _bookable(before: Conditions, state: SpaceState) -> Iterator[Condition]:
    """Yield what renters can do. While booking has not applied a newer generation, they book the one before."""
    bookable, booking, old = state.bookable, _current_answer(state, "booking"), before.get("Bookable")
    applied = booking is not None and booking.outcome == "applied"
    if bookable.status and not applied and old is not None and old.status == "True":
        return  # it is about the generation that they book
    yield condition("Bookable", bookable.status, bookable.reason, bookable.message, state.generation)


def _readiness(before: Conditions, ready: Condition) -> Iterator[Condition]:
    """Yield Ready and Progressing. While a generation is under way, the one before stays Ready and says which it is."""
    old, generation = before.get("Ready"), ready.observed_generation
    awaited = ready.reason.startswith(_AWAITING)
    yield condition("Progressing", awaited, *_progress_of(ready), generation)
    if awaited and old is not None and old.status == "True":
        ready = condition("Ready", True, "Ready", _APPLIED, old.observed_generation)
    yield ready


def _progress_of(ready: Condition) -> tuple[str, str]:
    return ("Applied", _APPLIED) if ready.status == "True" else (ready.reason, ready.message)


def _located(state: SpaceState, geo: Applied) -> Condition:
    if geo.outcome == "refused":
        return condition("Located", False, geo.reason, geo.message, state.generation)
    located = state.located
    if located is not None and located.district is not None:
        where = located.district.name.en or located.district.name.ru or located.district.slug
        return condition("Located", True, "Located", f"Placed in {where}.", state.generation)
    message = geo.message or "Placed, outside all known districts."
    return condition("Located", True, "NoDistrict", message, state.generation)


def _ready(state: SpaceState, geo: Applied | None) -> Condition:
    for name, answer in (("booking", _current_answer(state, "booking")), ("geo", geo)):
        if answer is None:
            message = f"Awaiting {name}'s answer."
            return condition("Ready", False, f"{_AWAITING}{name.title()}", message, state.generation)
        if answer.outcome == "refused":
            message = f"{name.title()} refuses it: {answer.message}"
            return condition("Ready", False, answer.reason, message, state.generation)
    if geo is not None and state.located is None:
        return condition("Ready", False, "AwaitingGeo", "Awaiting geo's answer.", state.generation)
    return condition("Ready", True, "Ready", _APPLIED, state.generation)


def complete(state: SpaceState) -> bool:
    """Return whether no service's answer about this revision is awaited any more."""
    return not _ready(state, _current_answer(state, "geo")).reason.startswith(_AWAITING)


def only_answers_are_new(before: SpaceState, state: SpaceState) -> bool:
    """Return whether services' answers are all that is new of a space, and what follows from them."""
    answers = {name: getattr(state, name) for name in ("applied", "located", "bookable", "url")}
    return before.model_copy(update=answers) == state


def _without_state(before: Conditions, progress: Progress, given: StatusInput) -> Iterator[Condition]:
    generation = given.generation
    if progress is Progress.PAUSED:
        yield (left_alone := paused(before, generation))
        yield condition("Progressing", False, left_alone.reason, left_alone.message, generation)
        return
    reason, message = {
        Progress.REFUSED: (given.reason, given.message),
        Progress.INVALID: ("Invalid", given.message),
        Progress.WAITING_TO_GO: ("DeletionWaits", f"Cannot tell catalog of the deletion: {given.message}"),
        Progress.AFFECTS_BOOKINGS: (WOULD_AFFECT, given.message),
        Progress.GONE: (given.reason, given.message),
    }.get(progress, _unreachable(given))
    if progress not in (Progress.WAITING_TO_GO, Progress.AFFECTS_BOOKINGS):
        yield condition("Synced", False, reason, message, generation)
    if progress is Progress.GONE:
        yield condition("Bookable", False, reason, message, generation)
    yield condition("Ready", False, reason, message, generation)
    yield condition("Progressing", progress not in _STANDS_STILL, reason, message, generation)


def _unreachable(given: StatusInput) -> tuple[str, str]:
    if given.reason == BOOKING_AWAY:
        return BOOKING_AWAY, f"Tried again soon. {given.message}"
    return "CatalogUnavailable", f"Catalog does not answer; tried again soon: {given.message}"


def removal_notice(policy: Literal["retain", "delete"]) -> Notice:
    """Return the last word about a resource."""
    if policy == "delete":
        return Notice("Normal", "Deleted", "The space is removed.", "Delete")
    return Notice("Normal", "Retained", "The space is kept, unmanaged and unpublished.", "Delete")
