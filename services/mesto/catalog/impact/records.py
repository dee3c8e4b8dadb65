"""Changes that booking is asked about, and what it has agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from mesto.contracts.proposals import ProposedSpace


@dataclass(frozen=True)
class Change:
    """A change to be asked about: the revision that it would have, the space as it is to be, None to remove it."""

    space_id: UUID
    revision: int
    space: ProposedSpace | None
    accepted: bool


@dataclass(frozen=True)
class Approval:
    """A change that may be made. ``proposal_id`` None: accepted without an answer from booking."""

    change: Change
    proposal_id: UUID | None


Approvals = Mapping[UUID, Approval]
"""By the space's id."""


def approved(change: Change, approvals: Approvals) -> bool:
    """Return whether this very change may be made."""
    approval = approvals.get(change.space_id)
    return approval is not None and approval.change == change
