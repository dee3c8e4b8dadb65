"""The kind CoworkingSpace: what may be declared, and how it is told to catalog."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from mesto.contracts.money import DECIMALS, MOST
from mesto.contracts.spaces import SpaceSpec, SpaceUpsert
from mesto.operator import fields as common
from mesto.operator.conditions import READY_COLUMNS, ConditionList, ObservedGeneration, condition_path
from mesto.operator.fields import ONE_LINE, Location, Text, Title
from mesto.operator.kinds.coworkingspace import fields as f
from mesto.operator.schema import AGE, Column, Kind, ListMap, ListSet, Part, Rule
from pydantic import Field
from pydantic.alias_generators import to_snake

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
ResourceKind = Literal["HotDesk", "DedicatedDesk", "MeetingRoom", "Office", "EventSpace"]
Days = Annotated[
    list[Weekday],
    Field(min_length=1, max_length=7, description="The weekdays that open at these hours.", examples=[["Mon", "Tue"]]),
    ListSet(),
]
_CLOSE = 'Not later than open: on the next day. "24:00" is midnight at the end of the date.'
# Of two intervals a and b of one date; times compare as they are written, and "close" may be of the next day.
_OVERLAP = "(b.close <= b.open || a.open < b.close) && (a.close <= a.open || b.open < a.close)"
_NEXT = "{'Mon': 'Tue', 'Tue': 'Wed', 'Wed': 'Thu', 'Thu': 'Fri', 'Fri': 'Sat', 'Sat': 'Sun', 'Sun': 'Mon'}"
APART = (
    Rule(
        f"self.all(a, self.filter(b, a.days.exists(day, day in b.days) && {_OVERLAP}).size() <= 1)",
        "two entries have hours of one weekday that overlap: write each time once, others after they end",
    ),
    Rule(
        "self.all(a, a.close > a.open || !self.exists(b, b.open < a.close"
        f" && a.days.exists(day, {_NEXT}[day] in b.days)))",
        "hours that close on the next day last into that day's own: write an earlier closing or a later opening time",
    ),
)
# A time that is none has a sentence of its own; these compare times.
_ODD = f"self.exists(one, !one.before.matches('{f.SPAN}'))"
DATES_APART = Rule(
    "self.all(a, self.filter(b, a.date == b.date && (!has(a.open) || !has(b.open) || !has(a.close) || !has(b.close)"
    f" || ({_OVERLAP}))).size() == 1)",
    "a date stands twice with the same or overlapping hours, or is closed and open: write its intervals one after "
    "the other, or closed: true once",
)


class OpeningHours(Part):
    """Opening hours of some weekdays in the space's time zone."""

    days: Days
    open: f.OpenTime
    close: f.CloseTime = Field(description=_CLOSE)


class HoursException(Part):
    """A date that differs from the weekly hours: closed, or open at other times; once for each of its intervals."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.closed) && self.closed ? !has(self.open) && !has(self.close) : has(self.open) && has(self.close)",
            'write either "closed: true" or both open and close',
        ),
    )
    date: f.CalendarDate = Field(
        description="On which the interval opens, in the space's time zone. A date may stand several times."
    )
    closed: bool | None = Field(default=None, description="True: closed the whole date.")
    open: f.OpenTime | None = None
    close: f.CloseTime | None = Field(default=None, description=_CLOSE)


class Photo(Part):
    """A picture by its address."""

    url: common.PictureAddress = Field(description="Where the picture is, https or http.")
    caption: Title | None = Field(default=None, description="What it shows, one line.")


class Contacts(Part):
    """How to reach the space."""

    phone: f.Phone | None = None
    email: common.Email | None = Field(default=None, description="Where renters may write to.")
    website: common.WebAddress | None = Field(default=None, description="The space's own site.")


class Owner(Part):
    """Who manages the space in the cabinet: the account that has verified this address."""

    email: common.Email = Field(description="The address that the owner's account has verified.")


def _of(places: int) -> list[str]:
    return [code for code, its in DECIMALS.items() if its == places]


class Price(Part):
    """What one unit of time of one seat costs."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            f"!(self.currency in {_of(0)}) || !self.amount.contains('.')",
            'amounts in this currency have no decimals: write a whole number, for example "500"',
        ),
        Rule(
            f"self.currency in {_of(0) + _of(3) + _of(4)} || !self.amount.matches('[.][0-9]{{3}}')",
            'amounts in this currency have two decimals at most: write for example "250.00"',
        ),
        Rule(
            f"!(self.currency in {_of(3)}) || !self.amount.matches('[.][0-9]{{4}}')",
            'amounts in this currency have three decimals at most: write for example "1.250"',
        ),
    )
    per: Literal["Hour", "Day", "Month"] = Field(
        description="The unit: an hour, the opening hours of a day, or a month."
    )
    amount: f.Amount = Field(
        description=f"From 0, free of charge, to {MOST}, with the currency's decimals. Whoever books pays the "
        "cheapest of the prices that cover the time."
    )
    currency: common.Currency = Field(description="A currency of ISO 4217, for example RUB.")


_SLOT = "(has(self.slotMinutes) ? self.slotMinutes : 30)"


class Resource(Part):
    """Something that can be booked by the seat."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.minDurationMinutes) || !has(self.maxDurationMinutes)"
            " || self.minDurationMinutes <= self.maxDurationMinutes",
            "minDurationMinutes is above maxDurationMinutes: write a minimum that is at most the maximum",
        ),
        Rule(
            f"!has(self.minDurationMinutes) || self.minDurationMinutes % {_SLOT} == 0",
            "bookings take whole slots: write a minDurationMinutes that is a multiple of slotMinutes (else 30)",
        ),
        Rule(
            f"!has(self.maxDurationMinutes) || self.maxDurationMinutes % {_SLOT} == 0",
            "bookings take whole slots: write a maxDurationMinutes that is a multiple of slotMinutes (else 30)",
        ),
        Rule(
            "!has(self.minNoticeMinutes)"
            " || self.minNoticeMinutes <= 1440 * (has(self.maxAdvanceDays) ? self.maxAdvanceDays : 90)",
            "nobody could book so far ahead: write a minNoticeMinutes of at most maxAdvanceDays days (else 90)",
        ),
    )
    name: common.ResourceSlug = Field(description="Unique in the space and stable: bookings refer to it.")
    kind: ResourceKind = Field(description="What it is; renters filter by it.")
    title: Title | None = Field(default=None, description="What renters read, one line.")
    seats: f.Seats
    capacity: f.Capacity | None = None
    prices: Annotated[list[Price], Field(max_length=10), ListMap(("per", "currency"))] | None = Field(
        default=None, description="One a unit and currency; the cheapest that covers a booking applies."
    )
    slot_minutes: f.SlotMinutes | None = None
    min_duration_minutes: f.DurationMinutes | None = Field(
        default=None, description="The shortest booking in minutes, a multiple of slotMinutes; one slot when left out."
    )
    max_duration_minutes: f.DurationMinutes | None = Field(
        default=None,
        description="The longest booking in minutes, a multiple of slotMinutes; the platform's when left out.",
    )
    buffer_minutes: f.BufferMinutes | None = None
    min_notice_minutes: f.NoticeMinutes | None = None
    max_advance_days: f.AdvanceDays | None = None


class CancellationTier(Part):
    """Cancelled at least this long before the start, the renter gets this much back."""

    before: f.Before
    refund_percent: f.RefundPercent


class Booking(Part):
    """How bookings are accepted, held and cancelled."""

    approval: Literal["Instant", "Owner"] | None = Field(
        default=None,
        description="Instant: a paid booking is confirmed. Owner: the owner approves or declines it first.",
    )
    hold_minutes: common.HoldMinutes | None = None
    cancellation: (
        Annotated[
            list[CancellationTier],
            Field(max_length=10),
            ListMap(("before",)),
            Rule(
                f"{_ODD} || self.all(a, self.all(b, duration(a.before) >= duration(b.before)"
                " || a.refundPercent <= b.refundPercent))",
                "an earlier cancellation must refund at least as much as a later one: write a higher refundPercent "
                "for the longer time before the start",
            ),
            Rule(
                f"{_ODD} || self.all(a, self.exists_one(b, duration(a.before) == duration(b.before)))",
                "two tiers begin at the same time (60m is 1h): leave one of them out",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="What a renter gets back: the tier with the longest time that is still kept applies; "
        "with an empty list nothing is given back.",
    )


class CoworkingSpaceSpec(Part):
    """A space as its owner declares it. What is left out is the owner's to set in the cabinet, else the platform's."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.title) && ((has(self.title.ru) && self.title.ru.trim() != '')"
            " || (has(self.title.en) && self.title.en.trim() != ''))",
            "the space has no title: write title: {ru: …} or title: {en: …}, or both",
        ),
    )
    # Absent: the rule has the sentence.
    title: Title = Field(default=None, validate_default=True, description="The name of the space, ru or en at least.")
    description: Text | None = Field(default=None, description="What renters read about the space.")
    slug: Annotated[common.Slug, f.NO_ID] | None = Field(
        default=None, description="Unique on the platform; metadata.name when left out."
    )
    city: common.CitySlug = Field(description="Slug of a city that the platform knows.")
    address: Annotated[
        str,
        Field(
            max_length=500, description="Street and house, as on the door, one line.", examples=["Мясницкая улица, 13"]
        ),
        Rule("self.trim() != ''", "write the street and the house's number"),
        ONE_LINE,
    ]
    location: Location = Field(description="Where the entrance is, in WGS 84 degrees.")
    time_zone: common.TimeZone
    opening_hours: Annotated[list[OpeningHours], Field(max_length=50), *APART] | None = Field(
        default=None, description="The week. Hours that meet at midnight are one opening, with one grid of slots."
    )
    # No list map: the intervals of a date are several items.
    exceptions: Annotated[list[HoursException], Field(max_length=400), DATES_APART] | None = Field(
        default=None, description="Dates that differ from the week; they replace its hours of that date."
    )
    amenities: Annotated[list[common.AmenitySlug], Field(max_length=100), ListSet()] | None = Field(
        default=None, description="Slugs of what the space has.", examples=[["wifi", "coffee", "printer"]]
    )
    photos: Annotated[list[Photo], Field(max_length=50)] | None = Field(
        default=None, description="Pictures in the order in which they are shown."
    )
    contacts: Contacts | None = None
    owner: Owner | None = None
    resources: Annotated[list[Resource], Field(max_length=200), ListMap(("name",))] | None = Field(
        default=None, description="What can be booked; a map by name, so that several appliers can each own some."
    )
    booking: Booking | None = None
    deletion_policy: Literal["Retain", "Delete"] | None = Field(
        default=None, description="Retain (when left out) keeps the space unpublished, Delete removes it."
    )
    published: bool | None = Field(default=None, description="True when left out.")

    def to_contract(self) -> SpaceSpec:
        """Return the spec in catalog's words. Raises ValidationError for what the API server should have refused."""
        declared = _snake(self.model_dump(exclude_none=True, exclude={"slug", "owner", "deletion_policy"}))
        for resource in declared.get("resources", []):
            resource["kind"] = to_snake(resource["kind"])
            for price in resource.get("prices", []):
                price["per"] = price["per"].lower()
        for hours in declared.get("opening_hours", []):
            hours["days"] = [day.lower() for day in hours["days"]]
        if booking := declared.get("booking"):
            if "approval" in booking:
                booking["approval"] = booking["approval"].lower()
            for tier in booking.get("cancellation", []):
                tier["before_minutes"] = minutes(tier.pop("before"))
        if self.owner is not None:
            declared["owner_email"] = self.owner.email
        return SpaceSpec.model_validate(declared)


def _snake(value: Any) -> Any:
    """Return a deep copy that may be changed."""
    if isinstance(value, dict):
        return {name: _snake(inner) for name, inner in value.items()}
    return [_snake(inner) for inner in value] if isinstance(value, list) else value


def minutes(before: str) -> int:
    """Return the whole minutes of a duration such as ``24h``, ``1h30m`` or ``30m``. Raises ValueError for others."""
    found = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?", before)
    if not found or not before:
        raise ValueError(f"{before!r} is not a duration such as 24h or 30m")
    span = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    return int(span.total_seconds() // 60)


RENAMED = {"owner_email": "owner.email", "before_minutes": "before"}
"""Fields that catalog calls otherwise than a manifest."""


def upsert(
    spec: CoworkingSpaceSpec,
    *,
    namespace: str,
    name: str,
    generation: int,
    adopt: UUID | None,
    release_to: str | None = None,
    accept_affected: bool = False,
) -> SpaceUpsert:
    """Return one generation of a resource for catalog. Raises ValidationError."""
    return SpaceUpsert(
        namespace=namespace,
        name=name,
        generation=generation,
        slug=spec.slug or name,
        adopt=adopt,
        release_to=release_to,
        accept_affected=accept_affected,
        spec=spec.to_contract(),
    )


class NearestTransit(Part):
    """The nearest public transport stop, in straight-line metres."""

    name: Annotated[str, Field(max_length=500, description="As the stop is called.")]
    line: Annotated[str, Field(max_length=200)] | None = Field(default=None, description="The line that stops there.")
    metres: int = Field(description="Straight-line distance in metres.")


class OwnerStatus(Part):
    """Whether the space has come to somebody; to whom is not told."""

    claimed: bool = Field(
        description="Whether an account has verified the address of spec.owner. False: nobody has so far."
    )


class CoworkingSpaceStatus(Part):
    """What the platform has made of the space."""

    observed_generation: ObservedGeneration = None
    conditions: ConditionList | None = None
    space_id: Annotated[str, Field(max_length=36)] | None = Field(
        default=None, description="The id of the space in the API, stable for its life."
    )
    slug: Annotated[str, Field(max_length=63)] | None = Field(default=None, description="The slug that it has now.")
    url: Annotated[str, Field(max_length=2048)] | None = Field(
        default=None, description="The page of the space, once it is shown."
    )
    district: Annotated[str, Field(max_length=63)] | None = Field(default=None, description="Slug of the district.")
    nearest_transit: NearestTransit | None = None
    owner: OwnerStatus | None = None


KIND = Kind(
    kind="CoworkingSpace",
    plural="coworkingspaces",
    short="cws",
    description="A coworking space: its place, hours, resources, prices and policy.",
    spec=CoworkingSpaceSpec,
    status=CoworkingSpaceStatus,
    columns=(
        *READY_COLUMNS,
        Column("Bookable", condition_path("Bookable", "status")),
        Column("Why", condition_path("Bookable", "reason")),
        Column("City", ".spec.city"),
        Column("District", ".status.district"),
        Column("Slug", ".status.slug", priority=1),
        Column("URL", ".status.url", priority=1),
        AGE,
    ),
    selectable=(".spec.city", ".status.slug"),
    rules=(
        Rule(
            f.NAME_IS_SLUG,
            "metadata.name cannot be the slug: write spec.slug with small letters, digits and inner hyphens, no id",
            field=".spec.slug",
        ),
    ),
)
