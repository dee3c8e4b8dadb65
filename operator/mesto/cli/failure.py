"""What ends a command with a sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Mapping

INPUT, PLATFORM, DIFFERENCES, NOT_READY, RUN_FAILED = 1, 3, 4, 5, 6


class Failure(Exception):
    """An expected failure; the message is for people.

    ``code`` is the exit code: 1 for wrong input, 3 when the platform does not answer (2 is typer's: wrong usage),
    4 when there are differences, 5 when a resource is not Ready, 6 when a run has failed. ``problem`` is what a
    service that refused answered (RFC 9457), else empty.
    """

    def __init__(self, message: str, code: int = INPUT, problem: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code, self.problem = code, problem or {}


class Missing(Failure):
    """There is no such resource."""
