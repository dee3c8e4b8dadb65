"""Types of single fields of a CoworkingSpace, each with the sentence that says what to write."""

from __future__ import annotations

from typing import Annotated

from mesto.operator.schema import Rule, whole
from pydantic import Field

_SLUG = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
SLUG_RULE = f"self.matches('{_SLUG}')"
NAME_IS_SLUG = f"has(self.spec.slug) || self.metadata.name.matches('{_SLUG}')"

Slug = Annotated[
    str,
    Field(max_length=63),
    Rule(SLUG_RULE, "write small letters, digits and inner hyphens, 63 at most, for example chistye-prudy"),
]
LongText = Annotated[str, Field(max_length=5000)]
Latitude = Annotated[
    float,
    Rule("self >= -90.0 && self <= 90.0", "latitude: write degrees north from -90 to 90, for example 55.7636"),
]
Longitude = Annotated[
    float,
    Rule("self >= -180.0 && self <= 180.0", "longitude: write degrees east from -180 to 180, for example 37.6347"),
]
TimeZone = Annotated[
    str,
    Field(max_length=64),
    Rule(
        "self.matches('^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$') && self != 'Local'"
        " && timestamp('2024-01-01T00:00:00Z').getHours(self) >= 0",
        "not a known time zone: write an IANA name such as Europe/Moscow or America/New_York",
    ),
]
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
WebAddress = Annotated[
    str,
    Field(max_length=2048),
    Rule(
        "self.matches('^https?://[^/]') && isURL(self)",
        "write a whole address that begins with https:// or http://, for example https://loft.example.org",
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
Email = Annotated[
    str,
    Field(max_length=254),
    Rule(
        "self.matches('^[^@ ]+@[^@ ]+[.][^@ .]+$')",
        "write an e-mail address, for example loft@example.org",
    ),
]
Amount = Annotated[
    str,
    Field(max_length=13),
    Rule(
        "self.matches('^(0|[1-9][0-9]{0,9})([.][0-9]{1,2})?$')",
        'write the price in quotes as a decimal number with at most two places, for example "250.00"',
    ),
]
Currency = Annotated[
    str,
    Field(max_length=3),
    Rule("self.matches('^[A-Z]{3}$')", "write the currency's three capital letters (ISO 4217), for example RUB or USD"),
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
HoldMinutes = Annotated[int, whole(1, 120, "holdMinutes")]
