"""When a mail that could not be sent is tried again."""

from __future__ import annotations

ATTEMPTS = 24
"""About half a day of trying (the pauses grow to an hour), then a person has to look."""
LONGEST_PAUSE = 3600


def retry_seconds(attempts: int) -> int:
    """Return the pause after so many failed attempts: 5 s, 10 s, 20 s … an hour at most."""
    return min(5 << max(attempts - 1, 0), LONGEST_PAUSE)
