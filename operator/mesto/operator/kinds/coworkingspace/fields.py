"""Types of single fields of a CoworkingSpace, each with the sentence that says what to write."""

from __future__ import annotations

from typing import Annotated

from mesto.contracts.money import MOST
from mesto.operator.fields import SLUG
from mesto.operator.schema import Rule, whole
from pydantic import Field

_IS_ID = "{}.replace('-', '').matches('^[0-9a-f]{{32}}$')"
NAME_IS_SLUG = f"has(self.spec.slug) || self.metadata.name.matches('{SLUG}') && !{_IS_ID.format('self.metadata.name')}"
# Addresses name a space by its id, too: a slug of that form would lead to another space's page.
NO_ID = Rule(
    f"!{_IS_ID.format('self')}",
    "a slug must not look like an id: write a name, for example chistye-prudy-loft",
)

_FIVE = Rule("!self.matches('^[0-9]{2}:[0-9]{2}$') || self.matches('[05]$')", "write a time on a multiple of 5 minutes")
OpenTime = Annotated[
    str,
    Field(
        max_length=5,
        description="When it opens, HH:MM on the space's clock, on a multiple of 5 minutes.",
        examples=["08:00"],
    ),
    Rule(
        "self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",
        'write the time of opening as "HH:MM" from "00:00" to "23:55", for example "08:00"',
    ),
    _FIVE,
]
CloseTime = Annotated[
    str,
    Field(
        max_length=5,
        description="When it closes, HH:MM on the space's clock, on a multiple of 5 minutes; 24:00 is midnight.",
        examples=["22:00"],
    ),
    Rule(
        "self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",
        'write the time of closing as "HH:MM" from "00:05" to "24:00", for example "22:00"',
    ),
    _FIVE,
]
CalendarDate = Annotated[
    str,
    Field(
        max_length=10,
        description="A date on the space's calendar, YYYY-MM-DD.",
        examples=["2027-01-01"],
    ),
    Rule(
        "self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}$') && timestamp(self + 'T00:00:00Z').getFullYear() >= 2000",
        'write a date that exists as "YYYY-MM-DD", for example "2027-01-01"',
    ),
]
Phone = Annotated[
    str,
    Field(
        max_length=32,
        description="With + and the country's code, digits only (E.164).",
        examples=["+74951234567"],
    ),
    Rule(
        "self.matches('^[+][1-9][0-9]{6,14}$')",
        'write the phone number with + and the country\'s code, digits only, for example "+74951234567"',
    ),
]
Amount = Annotated[
    str,
    Field(
        max_length=15,
        description="A decimal number in quotes, in units of the currency; 0 is free of charge.",
        examples=["250.00"],
    ),
    Rule(
        f"self.matches('^((0|[1-9][0-9]{{0,8}})([.][0-9]{{1,4}})?|{MOST}([.]0{{1,4}})?)$')",
        f'write the price in quotes as a decimal number from 0 to {MOST}, for example "250.00"',
    ),
]
SPAN = "^([0-9]{1,4}h([0-9]{1,4}m)?|[0-9]{1,4}m)$"
Before = Annotated[
    str,
    Field(
        max_length=10,
        description="How long before the start, in hours and minutes, 8760h at most.",
        examples=["24h", "1h30m"],
    ),
    Rule(
        f"self.matches('{SPAN}') && duration(self) <= duration('8760h')",
        'write how long before the start in hours and minutes, 8760h at most, for example "24h" or "30m"',
    ),
]
Seats = Annotated[
    int,
    Field(description="Seats that can be booked at once, from 1 to 10000; each is sold by itself.", examples=[24]),
    whole(1, 10_000, "seats, what can be booked at once"),
]
Capacity = Annotated[
    int,
    Field(description="People who fit, from 1 to 10000, whatever the seats; left out: not said.", examples=[8]),
    whole(1, 10_000, "capacity, the people who fit"),
]
RefundPercent = Annotated[
    int,
    Field(description="Share of the price that is given back, percent, from 0 to 100.", examples=[50]),
    whole(0, 100, "refundPercent"),
]
_STEP = Rule("self % 5 == 0", "write a multiple of 5 minutes")
SlotMinutes = Annotated[
    int,
    Field(
        description="Bookings begin and end on multiples of so many minutes from the opening: 5 to 1440, "
        "a multiple of 5; 30 when left out.",
        examples=[30],
    ),
    whole(5, 1440, "slotMinutes"),
    _STEP,
]
BufferMinutes = Annotated[
    int,
    Field(
        description="Minutes kept free after each booking, 0 to 1440, a multiple of 5; 0 when left out.", examples=[15]
    ),
    whole(0, 1440, "bufferMinutes"),
    _STEP,
]
DurationMinutes = Annotated[int, Field(examples=[60]), whole(5, 525_600, "a duration in minutes")]
NoticeMinutes = Annotated[
    int,
    Field(
        description="How many minutes before its start a booking must be made at the latest, 0 to 525600; "
        "0 when left out.",
        examples=[60],
    ),
    whole(0, 525_600, "minNoticeMinutes"),
]
AdvanceDays = Annotated[
    int,
    Field(description="How many days ahead can be booked, 1 to 730; 90 when left out.", examples=[90]),
    whole(1, 730, "maxAdvanceDays"),
]
