"""A limit as it is counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """``most`` times within so many seconds somebody (``who``) may do something (``what``)."""

    what: str
    who: str
    most: int
    seconds: int


@dataclass(frozen=True)
class Window:
    """How often something was done within the time that counts, and when the first of that counts no more."""

    count: int
    first_ends: float | None
