"""What is written into the security log, and how a person is called there."""

from __future__ import annotations

import hmac
import re
from typing import Literal, TypedDict
from uuid import UUID

Kind = Literal[
    "registered",
    "verified",
    "signed_in",
    "sign_in_failed",
    "locked_out",
    "stepped_up",
    "signed_out",
    "session_ended",
    "token_reused",
    "password_changed",
    "recovery_requested",
    "recovered",
    "email_change_requested",
    "email_changed",
    "email_change_undone",
    "phone_changed",
    "factor_added",
    "factor_removed",
    "recovery_code_used",
    "role_granted",
    "role_removed",
    "staff_invited",
    "staff_joined",
    "staff_removed",
    "suspended",
    "reinstated",
    "export_requested",
    "deletion_requested",
    "deleted",
]


class Details(TypedDict, total=False):
    """What else is said of an event: words of ours, numbers and ids. Nothing that somebody has typed."""

    reason: str
    role: str
    method: str
    limit: str
    session: str
    space: str
    count: str


_WORD = re.compile(r"[a-z0-9][a-z0-9_:-]{0,63}")


def check_details(details: Details) -> None:
    """Raise ValueError for a value that is no word of ours: an address, a name or a phone might hide in it."""
    wrong = [name for name, value in details.items() if not _WORD.fullmatch(str(value))]
    if wrong:
        raise ValueError(f"the security log takes words in small letters, numbers and ids: {', '.join(wrong)}")


def person(key: bytes, account_id: UUID) -> bytes:
    """Return what an account is called in the log. Without its key nobody can say which one that was."""
    return hmac.digest(key, account_id.bytes, "sha256")
