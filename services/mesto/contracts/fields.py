"""Kinds of fields that every body is made of: each has an end, and none takes another JSON type for its own."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""A text without U+0000, the one character that PostgreSQL does not store. Give it a ``max_length``."""
Count = Annotated[int, Field(strict=True)]
"""An integer and nothing that looks like one. Give it ``ge`` and ``le``."""
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number. Give it ``ge`` and ``le``."""
INT64 = 2**63 - 1

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)")
FIRST_YEAR, LAST_YEAR = 2000, 2200  # times that can be reckoned with, in every zone


def _written_day(value: Any) -> Any:
    # Pydantic also takes seconds since 1970 for a date.
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("Write the date as YYYY-MM-DD.")


def _written_instant(value: Any) -> Any:
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
