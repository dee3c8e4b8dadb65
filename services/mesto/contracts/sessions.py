"""Access tokens that are worth nothing before they run out, as auth tells the other services."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.contracts.base import Contract


class Withdrawal(Contract):
    """Access tokens of ``subject``, a session or an account, that are refused: those issued ``before`` then.

    None: all of them, the session is over.
    """

    subject: UUID
    before: datetime | None


class Withdrawals(Contract):
    """What was withdrawn after a cursor and would else still count; pass ``next_cursor`` to go on."""

    items: list[Withdrawal]
    next_cursor: str
