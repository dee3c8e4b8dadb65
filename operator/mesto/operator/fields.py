"""Types of single fields that several kinds have, each with its meaning and the sentence that says what to write."""

from __future__ import annotations

from typing import Annotated

from mesto.contracts.money import DECIMALS
from mesto.operator.schema import Part, Rule, whole
from pydantic import Field

SLUG = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
# Control characters, separators of lines, and what turns or hides the text around it: none of it is seen, all of it
# can forge what stands beside it. A joiner of emoji and of some scripts (U+200C, U+200D) may stay.
_UNSEEN = r"\\p{Cc}\\x{200b}\\x{2028}\\x{2029}\\x{202a}-\\x{202e}\\x{2060}-\\x{2064}\\x{2066}-\\x{2069}\\x{feff}"

ONE_LINE = Rule(
    f"!self.matches('[{_UNSEEN}]')",
    "write one line of text without control characters and without characters that nobody sees",
)
SOME_LINES = Rule(
    f"!self.replace('\\n', ' ').replace('\\t', ' ').matches('[{_UNSEEN}]')",
    "write text without control characters (line breaks and tabs are taken) and without characters that nobody sees",
)


def _slug(example: str) -> tuple[object, ...]:
    """Return what a slug must be; each field of the sort has an example of its own."""
    sentence = f"write small letters, digits and inner hyphens, 63 at most, for example {example}"
    return Field(max_length=63, examples=[example]), Rule(f"self.matches('{SLUG}')", sentence)


Slug = Annotated[str, *_slug("chistye-prudy")]
CitySlug = Annotated[str, *_slug("moscow")]
AmenitySlug = Annotated[str, *_slug("wifi")]
ResourceSlug = Annotated[str, *_slug("open-space")]
TitleText = Annotated[str, Field(max_length=200), ONE_LINE]
LongText = Annotated[str, Field(max_length=5000), SOME_LINES]
Latitude = Annotated[
    float,
    Field(description="Degrees north, WGS 84, from -90 to 90.", examples=[55.7636]),
    Rule("self >= -90.0 && self <= 90.0", "latitude: write degrees north from -90 to 90, for example 55.7636"),
]
Longitude = Annotated[
    float,
    Field(description="Degrees east, WGS 84, from -180 to 180.", examples=[37.6347]),
    Rule("self >= -180.0 && self <= 180.0", "longitude: write degrees east from -180 to 180, for example 37.6347"),
]
TimeZone = Annotated[
    str,
    Field(max_length=64, description="A time zone by its IANA name.", examples=["Europe/Moscow"]),
    Rule(
        "self.matches('^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$') && self != 'Local' && self != 'Factory'"
        " && timestamp('2024-01-01T00:00:00Z').getHours(self) >= 0",
        "not a known time zone: write an IANA name such as Europe/Moscow or America/New_York",
    ),
]


def _web(example: str) -> tuple[object, ...]:
    """Return what an address in the web must be; each field of the sort has an example of its own."""
    return (
        Field(max_length=2048, examples=[example]),
        Rule(
            "self.matches('^https?://[^/]') && !self.matches('[\\\\s\\\\p{Cc}]') && isURL(self)",
            f"write a whole address that begins with https:// or http:// and has no blank in it, for example {example}",
        ),
        Rule(
            "!self.matches('^https?://[^/?#]*@')",
            "an address must not carry a user or a password: leave out what stands before the @",
        ),
    )


WebAddress = Annotated[str, *_web("https://loft.example.org")]
PictureAddress = Annotated[str, *_web("https://images.example.org/loft.jpg")]
DataAddress = Annotated[str, *_web("https://data.example.org/moscow.geojson")]
SiteAddress = Annotated[str, *_web("https://rival.example.org/moscow")]
Email = Annotated[
    str,
    Field(max_length=254, examples=["loft@example.org"]),
    Rule(
        "self.matches('^[^@\\\\s\\\\p{Cc}]+@[^@\\\\s\\\\p{Cc}]+[.][^@\\\\s\\\\p{Cc}.]+$')",
        "write an e-mail address, for example loft@example.org",
    ),
]
Currency = Annotated[
    str,
    Field(max_length=3, description="The currency's three letters (ISO 4217).", examples=["RUB"]),
    Rule(
        f"self.matches('^({'|'.join(DECIMALS)})$')",
        "not a currency of ISO 4217: write its three capital letters, for example RUB or USD",
    ),
]
HoldMinutes = Annotated[
    int,
    Field(description="Minutes that a seat is held while its renter pays, from 1 to 120.", examples=[15]),
    whole(1, 120, "holdMinutes"),
]
ConfigMapName = Annotated[
    str,
    Field(max_length=253),
    Rule(
        "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
        "write the name of a ConfigMap in this namespace, for example moscow-districts",
    ),
]
ConfigMapKey = Annotated[
    str,
    Field(max_length=253),
    Rule("self.matches('^[-._a-zA-Z0-9]+$')", "write a key of the ConfigMap, for example districts.geojson"),
]
# A number of cron's field, a range or a step over it; ranges of values are told apart by field.
_MINUTE = "([0-9]|[1-5][0-9]|0[0-9])"
_HOUR = "([0-9]|1[0-9]|2[0-3]|0[0-9])"
_DAY = "([1-9]|[12][0-9]|3[01]|0[1-9])"
_MONTH = "([1-9]|1[0-2]|0[1-9]|[A-Za-z]{3})"
_WEEKDAY = "([0-7]|0[0-7]|[A-Za-z]{3})"


def _cron_field(value: str, more: str = "") -> str:
    part = f"([*]|{value}(-{value})?{more})(/[1-9][0-9]?)?"
    return f"{part}(,{part})*"


_CRON = " ".join(
    (
        _cron_field(_MINUTE),
        _cron_field(_HOUR),
        _cron_field(_DAY, "|[Ll]"),
        _cron_field(_MONTH),
        _cron_field(_WEEKDAY, "([#][1-5]|[Ll])?"),
    )
)
Cron = Annotated[
    str,
    Field(
        max_length=120,
        description="A schedule in cron's five fields: minute, hour, day of the month, month, weekday.",
        examples=["0 3 * * *"],
    ),
    Rule(
        f"self.matches('^{_CRON}$')",
        "write a schedule in cron's five fields (minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-7), "
        'for example "0 3 * * *"',
    ),
]
Moment = Annotated[str, Field(max_length=32, json_schema_extra={"format": "date-time"})]
"""A time of a status: RFC 3339, UTC, whole seconds."""
Generation = Annotated[int, Field(json_schema_extra={"format": "int64"})]


class Text(Part):
    """A text in Russian, English or both."""

    ru: LongText | None = Field(default=None, description="The Russian text, 5000 characters at most.")
    en: LongText | None = Field(default=None, description="The English text, 5000 characters at most.")


class Title(Part):
    """A title or a name in Russian, English or both: one line each."""

    ru: TitleText | None = Field(default=None, description="In Russian, 200 characters at most.")
    en: TitleText | None = Field(default=None, description="In English, 200 characters at most.")


class Location(Part):
    """A place, in WGS 84 degrees."""

    rules = (
        Rule(
            "self.latitude != 0.0 || self.longitude != 0.0",
            "0, 0 lies in the Gulf of Guinea: write the latitude and longitude of the place",
        ),
    )
    latitude: Latitude
    longitude: Longitude
