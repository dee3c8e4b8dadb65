"""When a space is open, as its resource declares it."""

from __future__ import annotations

from typing import Annotated, Literal

from mesto.contracts.base import Contract
from mesto.contracts.fields import Day, Flag
from pydantic import Field

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", min_length=5, max_length=5)]
CloseTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", min_length=5, max_length=5)]


class Hours(Contract):
    """Opening hours of some weekdays in the space's zone; ``close`` not later than ``open`` is of the next day."""

    days: list[Weekday] = Field(min_length=1, max_length=7)
    open: ClockTime
    close: CloseTime


class HoursException(Contract):
    """A date that differs from the weekly hours: closed, or open at other times; once for each of its intervals."""

    date: Day
    closed: Flag = False
    open: ClockTime | None = None
    close: CloseTime | None = None
