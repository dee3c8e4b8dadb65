"""Who may try a password."""

from __future__ import annotations

from dataclasses import dataclass

from mesto.auth.rate_limits.records import Limit


@dataclass(frozen=True)
class Admission:
    """What was counted of an attempt, and whose turn of checking passwords it takes."""

    counted: tuple[Limit, ...]
    turn: str
