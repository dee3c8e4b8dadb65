"""What was requested and answered under a key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, byte by byte."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True)
class KnownRequest:
    """What was requested (its fingerprint) and answered under a key."""

    fingerprint: bytes
    answer: Answer | None


@dataclass(frozen=True)
class Outcome:
    """The answer to a request, and whether it was given before."""

    answer: Answer
    replayed: bool
