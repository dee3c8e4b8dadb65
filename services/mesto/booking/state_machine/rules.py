"""The life of a booking: which action leads from which status to which."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a booking stands."""

    HELD = "held"
    AWAITING_APPROVAL = "awaiting_approval"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DECLINED = "declined"


class Action(StrEnum):
    """What happens to a booking."""

    PAY = "pay"
    PAY_AND_ASK = "pay_and_ask"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"
    COMPLETE = "complete"


class InvalidTransition(Exception):
    """The action does not apply in this status."""

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(f"A booking that is {status} cannot {action}.")
        self.status, self.action = status, action


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.HELD, Action.PAY): Status.CONFIRMED,
    (Status.HELD, Action.PAY_AND_ASK): Status.AWAITING_APPROVAL,
    (Status.HELD, Action.EXPIRE): Status.EXPIRED,
    (Status.HELD, Action.CANCEL): Status.CANCELLED,
    # A payment may arrive after the hold has run out; if the seats can be had again the booking lives on.
    (Status.EXPIRED, Action.PAY): Status.CONFIRMED,
    (Status.EXPIRED, Action.PAY_AND_ASK): Status.AWAITING_APPROVAL,
    (Status.AWAITING_APPROVAL, Action.APPROVE): Status.CONFIRMED,
    (Status.AWAITING_APPROVAL, Action.DECLINE): Status.DECLINED,
    (Status.AWAITING_APPROVAL, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.COMPLETE): Status.COMPLETED,
}
SEATED = frozenset({Status.HELD, Status.AWAITING_APPROVAL, Status.CONFIRMED})
"""Statuses that occupy seats."""


def next_status(status: Status, action: Action) -> Status:
    """Return the status after the action. Raises InvalidTransition."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise InvalidTransition(status, action) from None
