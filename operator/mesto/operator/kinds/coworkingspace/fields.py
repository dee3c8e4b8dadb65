"""Types of single fields of a CoworkingSpace, each with the sentence that says what to write."""

from __future__ import annotations

from typing import Annotated

from mesto.contracts.money import MOST
from mesto.operator.fields import SLUG
from mesto.operator.schema import Rule, whole
from pydantic import Field

NAME_IS_SLUG = f"has(self.spec.slug) || self.metadata.name.matches('{SLUG}')"

_FIVE = Rule("!self.matches('^[0-9]{2}:[0-9]{2}$') || self.matches('[05]$')", "write a time on a multiple of 5 minutes")
OpenTime = Annotated[
    str,
    Field(max_length=5),
    Rule(
        "self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",
        'write the time of opening as "HH:MM" from "00:00" to "23:55", for example "08:00"',
    ),
    _FIVE,
]
CloseTime = Annotated[
    str,
    Field(max_length=5),
    Rule(
        "self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",
        'write the time of closing as "HH:MM" from "00:05" to "24:00", for example "22:00"',
    ),
    _FIVE,
]
CalendarDate = Annotated[
    str,
    Field(max_length=10),
    Rule(
        "self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}$') && timestamp(self + 'T00:00:00Z').getFullYear() >= 2000",
        'write a date that exists as "YYYY-MM-DD", for example "2027-01-01"',
    ),
]
Phone = Annotated[
    str,
    Field(max_length=32),
    Rule(
        "self.matches('^[+][1-9][0-9]{6,14}$')",
        'write the phone number with + and the country\'s code, digits only, for example "+74951234567"',
    ),
]
Amount = Annotated[
    str,
    Field(max_length=15),
    Rule(
        f"self.matches('^((0|[1-9][0-9]{{0,8}})([.][0-9]{{1,4}})?|{MOST}([.]0{{1,4}})?)$')",
        f'write the price in quotes as a decimal number from 0 to {MOST}, for example "250.00"',
    ),
]
Before = Annotated[
    str,
    Field(max_length=10),
    Rule(
        "self.matches('^([0-9]{1,4}h)?([0-9]{1,4}m)?$') && duration(self) <= duration('8760h')",
        'write how long before the start in hours and minutes, 8760h at most, for example "24h" or "30m"',
    ),
]
Seats = Annotated[int, whole(1, 10_000, "seats, the people who fit at once")]
RefundPercent = Annotated[int, whole(0, 100, "refundPercent")]
_STEP = Rule("self % 5 == 0", "write a multiple of 5 minutes")
SlotMinutes = Annotated[int, whole(5, 1440, "slotMinutes"), _STEP]
BufferMinutes = Annotated[int, whole(0, 1440, "bufferMinutes"), _STEP]
DurationMinutes = Annotated[int, whole(5, 525_600, "a duration in minutes")]
NoticeMinutes = Annotated[int, whole(0, 525_600, "minNoticeMinutes")]
AdvanceDays = Annotated[int, whole(1, 730, "maxAdvanceDays")]
