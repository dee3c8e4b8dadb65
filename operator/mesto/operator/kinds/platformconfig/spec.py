"""The kind PlatformConfig: the platform's policy, one section per service. What is left out is built in."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from mesto.operator import fields as common
from mesto.operator.conditions import READY_COLUMNS, ConditionList, condition_path
from mesto.operator.fields import Location, Text
from mesto.operator.schema import AGE, Column, Kind, ListMap, ListSet, Part, Rule, whole
from pydantic import Field

NAME = "default"
"""The only one that counts, in the operator's namespace."""


class Auth(Part):
    """Sessions and accounts."""

    access_token_minutes: Annotated[int, whole(1, 60, "accessTokenMinutes")] | None = None
    refresh_token_days: Annotated[int, whole(1, 365, "refreshTokenDays")] | None = None
    require_verified_email: bool | None = Field(
        default=None, description="Whether an account must have verified its address before it can log in."
    )
    verification_hours: Annotated[int, whole(1, 168, "verificationHours")] | None = Field(
        default=None, description="How many hours a link that verifies an address works; 24 when left out."
    )
    registrations_per_hour: Annotated[int, whole(1, 1_000_000, "registrationsPerHour")] | None = Field(
        default=None,
        description="How many accounts may be asked for from one network (an IPv4 /24 or IPv6 /64) in an hour; 30 when "
        "left out.",
    )
    verification_mails_per_hour: Annotated[int, whole(1, 1_000_000, "verificationMailsPerHour")] | None = Field(
        default=None,
        description="How many links may be asked for again from one network in an hour; 30 when left out. Five for one "
        "address, wherever they are asked for.",
    )


class Reviews(Part):
    """How reviews are published."""

    moderation: Literal["PreModerate", "PostModerate"] | None = None
    edit_hours: Annotated[int, whole(0, 720, "editHours")] | None = Field(
        default=None, description="How long an author may still change a review."
    )


class Catalog(Part):
    """Spaces and reviews."""

    reviews: Reviews | None = None


class Payments(Part):
    """How renters may pay."""

    providers: (
        Annotated[list[Literal["Sandbox", "Stripe", "YooKassa"]], Field(min_length=1, max_length=3), ListSet()] | None
    ) = None


class HoldLimits(Part):
    """What one person may hold at a time without having paid."""

    open_holds: Annotated[int, whole(0, 10_000, "openHolds")] | None = Field(
        default=None, description="How many bookings, in all spaces together; 0: as many as they like."
    )
    seat_hours_per_space: Annotated[int, whole(0, 10_000_000, "seatHoursPerSpace")] | None = Field(
        default=None,
        description="How many seat-hours of one space (2 seats for 3 hours are 6); 0: as many as they like.",
    )


class HoldBudget(Part):
    """How much one person may hold without having paid, so that nobody blocks a space for nothing."""

    cool_down_minutes: Annotated[int, whole(0, 1440, "coolDownMinutes")] | None = Field(
        default=None, description="How long a hold that was given up or ran out unpaid counts on; built in: 15."
    )
    verified: HoldLimits | None = Field(
        default=None,
        description="For people who have verified their e-mail address; built in: 20 holds, 2000 seat-hours.",
    )
    unverified: HoldLimits | None = Field(
        default=None, description="For people who have not; built in: 3 holds, 48 seat-hours."
    )


class Booking(Part):
    """Bookings; a space's own policy goes before these."""

    hold_minutes: common.HoldMinutes | None = None
    max_duration_minutes: Annotated[int, whole(60, 525_600, "maxDurationMinutes")] | None = Field(
        default=None,
        description="How long a resource that does not say it may be booked at once; built in: 10080 (7 days). "
        "One that has a price per month may be booked for 31 days in any case.",
    )
    hold_budget: HoldBudget | None = None
    payments: Payments | None = None


class Map(Part):
    """The map in the browser."""

    provider: Literal["MapLibre", "Mapbox"] | None = None


Alias = Annotated[str, Field(min_length=1, max_length=60), Rule("self.trim() != ''", "write a name of the city")]


class City(Part):
    """A city that spaces may be in."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(has(self.name.ru) && self.name.ru.trim() != '') || (has(self.name.en) && self.name.en.trim() != '')",
            "the city has no name: write name: {ru: …} or name: {en: …}, or both",
        ),
    )
    slug: common.Slug
    name: Text
    time_zone: common.TimeZone
    currency: common.Currency
    center: Location
    zoom: Annotated[float, Rule("self >= 0.0 && self <= 22.0", "zoom: write a number from 0 to 22")] | None = None
    aliases: Annotated[list[Alias], Field(max_length=10), ListSet()] | None = Field(
        default=None,
        description="What other sites call the city, besides its names and usual short forms, for example Zelenograd.",
    )


class Geo(Part):
    """Cities and the map."""

    map: Map | None = None
    transit_radius_metres: Annotated[int, whole(1, 20_000, "transitRadiusMetres")] | None = Field(
        default=None, description="How far a stop may be to count as near."
    )
    default_currency: common.Currency | None = None
    cities: Annotated[list[City], Field(max_length=200), ListMap(("slug",))] | None = None


class Mail(Part):
    """Who sends e-mail."""

    provider: Literal["Smtp", "SendGrid", "Mailgun"] | None = None
    sender: common.Email | None = Field(default=None, alias="from", description="The address that mails come from.")


_MINUTES = Rule(
    "self.all(one, one >= 1 && one <= 43200)", "reminderMinutes: write whole minutes from 1 to 43200 (30 days)"
)


class Notifications(Part):
    """E-mail and reminders."""

    email: Mail | None = None
    reminder_minutes: Annotated[list[int], Field(max_length=5), ListSet(), _MINUTES] | None = Field(
        default=None, description="How long before a session renters are reminded."
    )


class Scraping(Part):
    """Limits of all crawls together."""

    max_concurrent_runs: Annotated[int, whole(1, 32, "maxConcurrentRuns")] | None = None
    user_agent: (
        Annotated[
            str,
            Field(max_length=256),
            Rule("self.matches('^[ -~]+$') && self.trim() != ''", "write how crawlers name themselves, in ASCII"),
        ]
        | None
    ) = None


class PlatformConfigSpec(Part):
    """Policy by service; secrets are never here."""

    auth: Auth | None = None
    catalog: Catalog | None = None
    booking: Booking | None = None
    geo: Geo | None = None
    notifications: Notifications | None = None
    scraping: Scraping | None = None


class ServiceStatus(Part):
    """What a service has made of its section."""

    name: Annotated[str, Field(max_length=63)]
    applied_generation: int | None = Field(default=None, description="The generation that the service runs with.")
    message: Annotated[str, Field(max_length=2048)] = ""


class PlatformConfigStatus(Part):
    """What the services have made of the policy."""

    observed_generation: int | None = None
    conditions: ConditionList | None = None
    services: Annotated[list[ServiceStatus], Field(max_length=20), ListMap(("name",))] | None = None


KIND = Kind(
    kind="PlatformConfig",
    plural="platformconfigs",
    short="mpc",
    description="The platform's policy: cities, bookings, reviews, mail, crawling. "
    "Only the one named default in the operator's namespace counts. Each service checks its section and runs with it "
    "within two seconds; what is left out is built in.",
    spec=PlatformConfigSpec,
    status=PlatformConfigStatus,
    columns=(
        *READY_COLUMNS,
        Column("Message", condition_path("Ready", "message"), priority=1),
        AGE,
    ),
)
