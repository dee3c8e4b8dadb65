"""What a mailed link may be for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What whoever opens a link proves or undoes; a link of one purpose is unknown to all others."""

    VERIFY = "verify"
    RECOVER = "recover"
    EMAIL_CHANGE = "email_change"
    EMAIL_UNDO = "email_undo"


OF_A_SESSION = frozenset({Purpose.RECOVER, Purpose.EMAIL_CHANGE})
"""What somebody who was in the account may have begun. Links that undo are none of it: a thief who has changed the
address must not be able to end the link that was mailed to its former holder."""
