"""Types of single fields that several kinds have, each with the sentence that says what to write."""

from __future__ import annotations

from typing import Annotated

from mesto.contracts.money import DECIMALS
from mesto.operator.schema import Part, Rule, whole
from pydantic import Field

SLUG = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"

Slug = Annotated[
    str,
    Field(max_length=63),
    Rule(
        f"self.matches('{SLUG}')",
        "write small letters, digits and inner hyphens, 63 at most, for example chistye-prudy",
    ),
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
WebAddress = Annotated[
    str,
    Field(max_length=2048),
    Rule(
        "self.matches('^https?://[^/]') && isURL(self)",
        "write a whole address that begins with https:// or http://, for example https://loft.example.org",
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
Currency = Annotated[
    str,
    Field(max_length=3),
    Rule(
        f"self.matches('^({'|'.join(DECIMALS)})$')",
        "not a currency of ISO 4217: write its three capital letters, for example RUB or USD",
    ),
]
HoldMinutes = Annotated[int, whole(1, 120, "holdMinutes")]
Cron = Annotated[
    str,
    Field(max_length=120),
    # Five fields of what cron knows; what they mean together is checked by the library that reads them.
    Rule(
        "self.matches('^[-0-9A-Za-z*/,#]+( [-0-9A-Za-z*/,#]+){4}$')",
        'write a schedule in cron\'s five fields (minute hour day month weekday), for example "0 3 * * *"',
    ),
]


class Text(Part):
    """A text in Russian, English or both."""

    ru: LongText | None = None
    en: LongText | None = None


class Location(Part):
    """A place, in WGS 84 degrees."""

    latitude: Latitude
    longitude: Longitude
