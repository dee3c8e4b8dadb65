"""What the store of the security log takes and returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mesto.auth.security_log.rules import Details


@dataclass(frozen=True)
class NewEntry:
    """What happened, to whom and by whom: see ``rules.person``. It is kept until ``keep_until`` at least."""

    kind: str
    person: bytes | None
    actor: bytes | None
    address: str
    user_agent: str
    details: Details
    request_id: str
    keep_until: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    kind: str
    person: bytes | None
    actor: bytes | None
    address: str
    user_agent: str
    details: Details
    request_id: str
