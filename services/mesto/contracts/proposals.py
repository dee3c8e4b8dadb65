"""What catalog asks booking before it applies a change that could strand bookings, and what booking answers.

A booking is stranded by a change when it is valid by the rules that hold now and not by those to come: its time is not
open any more, its resource is gone, fewer seats are left than are booked (who booked first keeps the seat), or the
space is somewhere else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Plain
from mesto.contracts.opening_hours import Hours, HoursException
from mesto.contracts.places import Place
from mesto.contracts.spaces import ResourceSpec, SpaceSpec
from pydantic import Field

PROPOSAL_SECONDS = 600
"""A proposal that is neither applied nor withdrawn is forgotten after so long."""
MOST_NAMED = 5
"""Bookings named in an answer; all are counted."""


class ProposedResource(ResourceSpec):
    """A resource as it is to be, with the id that bookings refer to."""

    id: UUID


class ProposedSpace(Contract):
    """All of a space that decides what can be booked."""

    time_zone: Plain = Field(max_length=64)
    opening_hours: list[Hours] = Field(max_length=50)
    exceptions: list[HoursException] = Field(max_length=400)
    published: Flag
    resources: list[ProposedResource] = Field(max_length=200)
    place: Place | None = None


class Question(Contract):
    """The body of ``POST /internal/proposals/{space_id}/affected``; no space: it is to be removed."""

    space: ProposedSpace | None


class Proposal(Question):
    """The body of ``PUT /internal/proposals/{space_id}/{proposal_id}``.

    ``revision`` is the one that the change will have. A proposal is kept when it strands nobody, or when that is
    ``accepted``: until it is applied, withdrawn or forgotten, new bookings must be valid by both rules.
    """

    revision: Count = Field(ge=1, le=INT64)
    accepted: Flag = False


class AffectedBooking(Contract):
    """A booking that the change would strand; ``resource`` is its name in the space."""

    booking_id: UUID
    resource: str
    status: Literal["held", "awaiting_approval", "confirmed"]
    start: datetime
    end: datetime
    seats: int


class Affected(Contract):
    """How many bookings the change would strand, the first of them, and when the last of them ends.

    ``pending`` are held or await their owner's approval. ``moved`` of all would be somewhere else than they were made
    for. ``kept``: the proposal stands from now on.
    """

    confirmed: int = 0
    pending: int = 0
    moved: int = 0
    first: list[AffectedBooking] = Field(default_factory=list)
    until: datetime | None = None
    kept: bool = False

    @property
    def count(self) -> int:
        """All of them."""
        return self.confirmed + self.pending


class AffectedQuestion(Contract):
    """The body of ``POST /internal/spaces/{uid}/affected`` of catalog; no spec: the space is to be removed."""

    spec: SpaceSpec | None


class SpaceAffected(Contract):
    """How many bookings a change of a declared space would strand, the first of them, and for how long.

    ``seconds`` is the time from now to the end of the last of them; None without any.
    """

    affected: int
    bookings: list[AffectedBooking]
    seconds: int | None
