"""Kinds of fields that every body is made of: each has an end, and none takes another JSON type for its own."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""A text without U+0000, the one character that PostgreSQL does not store. Give it a ``max_length``."""
_UNSEEN = r"\u200b\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_ONE_LINE = rf"^[^\u0000-\u001f\u007f-\u009f{_UNSEEN}]*$"
_SOME_LINES = rf"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f{_UNSEEN}]*$"


def _seen(pattern: str, what: str) -> BeforeValidator:
    """Refuses with a sentence what the pattern would refuse by quoting itself."""
    allowed = re.compile(pattern[:-1] + r"\Z")

    def check(value: object) -> object:
        if isinstance(value, str) and not allowed.match(value):
            raise ValueError(f"Write {what} without control characters and without characters that nobody sees.")
        return value

    return BeforeValidator(check)


def is_line(text: str) -> bool:
    """Return whether a text is a `Line`: nothing in it hides, turns or forges its surroundings."""
    return re.match(_ONE_LINE[:-1] + r"\Z", text) is not None


Line = Annotated[str, Field(pattern=_ONE_LINE), _seen(_ONE_LINE, "one line of text")]
"""One line of text that is seen; what turns, hides or forges its surroundings is refused. Give a ``max_length``."""
Lines = Annotated[str, Field(pattern=_SOME_LINES), _seen(_SOME_LINES, "text")]
"""As ``Line``, with line breaks (LF) and tabs."""
Count = Annotated[int, Field(strict=True)]
"""An integer and nothing that looks like one. Give it ``ge`` and ``le``."""
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number. Give it ``ge`` and ``le``."""
INT64 = 2**63 - 1
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", min_length=1, max_length=63)]
"""The name of a thing in addresses of pages."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)")
FIRST_YEAR, LAST_YEAR = 2000, 2200  # times that can be reckoned with, in every zone


def _written_day(value: object) -> object:
    # Pydantic also takes seconds since 1970 for a date.
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("Write the date as YYYY-MM-DD.")


def _written_instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise ValueError("Write the time with its offset, as in 2026-03-01T10:00:00+03:00 (RFC 3339).")


def _sensible(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"Between the years {FIRST_YEAR} and {LAST_YEAR}, please.")
    return value


Day = Annotated[date, BeforeValidator(_written_day)]
Instant = Annotated[AwareDatetime, AfterValidator(_sensible), BeforeValidator(_written_instant)]
"""An RFC 3339 time with an offset, in years that calendars of all zones agree on."""
