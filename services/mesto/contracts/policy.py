"""The platform's policy: a section for each service, as the operator delivers it and as a PlatformConfig declares it.

A field that is left out has the value given here, so one that is removed from the resource has it again. Values have
the words of the resource (``PreModerate``); those that a service knows but cannot do yet it refuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Number, Plain, Slug
from mesto.contracts.money import Currency
from mesto.contracts.places import Location
from mesto.contracts.text import Title
from pydantic import AfterValidator, Field, field_validator
from pydantic.alias_generators import to_camel, to_snake

Address = Annotated[Plain, Field(pattern=r"^[^@ ]+@[^@ ]+[.][^@ .]+$", max_length=254)]
EmailDomain = Annotated[Plain, Field(pattern=r"^[^@\s/]+[.][^@\s/.]+$", max_length=253)]
Provider = Literal["Sandbox", "Stripe", "YooKassa"]


def _built(*words: str) -> AfterValidator:
    """Refuses what the schema names for later releases."""

    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"{value} is not there yet; there is {', '.join(words)}")
        return value

    return AfterValidator(check)


@cache
def _zones() -> set[str]:
    return available_timezones() - {"Factory", "localtime"}  # neither says which zone it is


class SignInPolicy(Contract):
    """How often a password may be tried within ``minutes``: for one account, and from one network for all accounts.

    Devices on which an account was signed in before have a limit of their own.
    """

    per_account: Count = Field(default=10, ge=1, le=1_000_000)
    per_network: Count = Field(default=100, ge=1, le=1_000_000)
    minutes: Count = Field(default=15, ge=1, le=1440)


class AuthPolicy(Contract):
    """Sessions and accounts. A network is the /24 of an IPv4 address or the /64 of an IPv6 one."""

    access_token_minutes: Count = Field(default=10, ge=1, le=60)
    refresh_token_days: Count = Field(default=30, ge=1, le=365)
    short_session_hours: Count = Field(default=12, ge=1, le=168)
    require_verified_email: Flag = False
    verification_hours: Count = Field(default=24, ge=1, le=168)
    registrations_per_hour: Count = Field(default=30, ge=1, le=1_000_000)
    verification_mails_per_hour: Count = Field(default=30, ge=1, le=1_000_000)
    sign_in: SignInPolicy = SignInPolicy()
    security_log_days: Count = Field(default=365, ge=1, le=3650)
    recovery_minutes: Count = Field(default=60, ge=5, le=1440)
    email_undo_hours: Count = Field(default=168, ge=1, le=720)
    disposable_email: Literal["Allow", "Refuse"] = "Allow"
    refused_email_domains: list[EmailDomain] = Field(default_factory=list, max_length=200)


class ReviewPolicy(Contract):
    """How reviews are published."""

    moderation: Literal["PreModerate", "PostModerate"] = "PreModerate"
    edit_hours: Count = Field(default=48, ge=0, le=720)


class OwnersWorkPolicy(Contract):
    """Whether what owners write is looked at before it is shown."""

    moderation: Annotated[Literal["None", "PreModerate"], _built("None")] = "None"


Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", max_length=63)]
Namespaces = Annotated[list[Namespace], Field(min_length=1, max_length=100)]


class CatalogPolicy(Contract):
    """Reviews, and what catalog resolves for spaces that do not say it themselves.

    ``city_namespaces`` are the namespaces that may declare spaces in a city; a city without them is anybody's.
    ``invite_owners``: who is named as an owner and has no account gets one mail about it.
    """

    reviews: ReviewPolicy = ReviewPolicy()
    spaces: OwnersWorkPolicy = OwnersWorkPolicy()
    photos: OwnersWorkPolicy = OwnersWorkPolicy()
    invite_owners: Flag = True
    hold_minutes: Count = Field(default=15, ge=1, le=120)
    default_currency: Currency = "RUB"
    city_namespaces: dict[Slug, Namespaces] = Field(default_factory=dict, max_length=200)

    def may_use(self, namespace: str, city: str) -> bool:
        """Return whether resources of a namespace may declare something in a city."""
        return namespace in self.city_namespaces.get(city, [namespace])


OpenHolds = Annotated[Count, Field(ge=0, le=10_000)]
SeatHours = Annotated[Count, Field(ge=0, le=10_000_000)]


class VerifiedHolds(Contract):
    """What somebody with a verified address may hold without having paid; 0: as much as they like."""

    open_holds: OpenHolds = 20
    seat_hours_per_space: SeatHours = 2000


class UnverifiedHolds(Contract):
    """The same for an address that is not verified: anybody can make such accounts."""

    open_holds: OpenHolds = 3
    seat_hours_per_space: SeatHours = 48


class HoldBudget(Contract):
    """How much one person may hold; what was given up or has run out unpaid counts for ``cool_down_minutes`` more."""

    cool_down_minutes: Count = Field(default=15, ge=0, le=1440)
    verified: VerifiedHolds = VerifiedHolds()
    unverified: UnverifiedHolds = UnverifiedHolds()


class BookingSection(Contract):
    """How renters may pay, how much they may hold before, and for how long they may book where nothing else is said."""

    providers: list[Annotated[Provider, _built("Sandbox")]] = Field(default=["Sandbox"], min_length=1, max_length=3)
    max_duration_minutes: Count = Field(default=7 * 24 * 60, ge=60, le=525_600)
    hold_budget: HoldBudget = HoldBudget()


class City(Contract):
    """A city that spaces may be in."""

    slug: Slug
    name: Title
    time_zone: Plain = Field(max_length=64)
    currency: Currency
    center: Location
    zoom: Number = Field(default=10, ge=0, le=22)
    aliases: list[Annotated[Plain, Field(min_length=1, max_length=60)]] = Field(default_factory=list, max_length=10)
    """What other sites call it."""
    namespaces: Namespaces | None = None
    """Those whose resources may declare something in it; None: all."""

    def is_open_to(self, namespace: str) -> bool:
        """Return whether resources of a namespace may declare something in it."""
        return namespace in (self.namespaces or [namespace])

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in _zones():
            raise ValueError(f"{value} is not a time zone; write a name such as Europe/Moscow")
        return value

    @field_validator("name")
    @classmethod
    def _named(cls, value: Title) -> Title:
        if not (value.ru or value.en):
            raise ValueError("give a name: ru, en or both")
        return value


class GeoPolicy(Contract):
    """Cities and the map."""

    map_provider: Annotated[Literal["MapLibre", "Mapbox"], _built("MapLibre")] = "MapLibre"
    transit_radius_metres: Count = Field(default=1500, ge=1, le=20_000)
    cities: list[City] = Field(default_factory=list, max_length=200)

    def may_use(self, namespace: str, city: str) -> bool:
        """Return whether resources of a namespace may declare something in a city."""
        return all(city_policy.is_open_to(namespace) for city_policy in self.cities if city_policy.slug == city)

    @field_validator("cities")
    @classmethod
    def _different(cls, value: list[City]) -> list[City]:
        slugs = [city.slug for city in value]
        if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return value


class MailCap(Contract):
    """How many mails of all kinds one address gets at most within so many hours."""

    mails: Count = Field(default=30, ge=1, le=100_000)
    hours: Count = Field(default=24, ge=1, le=720)


class NotificationsPolicy(Contract):
    """E-mail and reminders; ``reminder_minutes`` are before a session."""

    email_provider: Annotated[Literal["Smtp", "SendGrid", "Mailgun"], _built("Smtp")] = "Smtp"
    sender: Address = "noreply@mesto.example.org"
    per_recipient: MailCap = MailCap()
    reminder_minutes: list[Annotated[Count, Field(ge=1, le=43_200)]] = Field(default=[1440, 60], max_length=5)


MODELS: dict[str, type[Contract]] = {
    "auth": AuthPolicy,
    "catalog": CatalogPolicy,
    "booking": BookingSection,
    "geo": GeoPolicy,
    "notifications": NotificationsPolicy,
}
"""The section of each service."""
P = TypeVar("P", bound=Contract)


class Delivery(Contract, Generic[P]):
    """The body of ``PUT /internal/configuration``: a section of one generation of the PlatformConfig."""

    uid: UUID
    generation: Count = Field(ge=1, le=INT64)
    policy: P


class ConfigurationState(Contract):
    """Which generation a service has committed, None before the first; ``fingerprint`` is a hash of its section."""

    uid: UUID | None = None
    generation: int | None = None
    fingerprint: str = ""


def fingerprint(policy: Contract) -> str:
    """Return the same for sections that declare the same; what is left out does not count, whatever is built in."""
    document = json.dumps(declared(policy), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(document.encode()).hexdigest()


def declared(policy: Contract) -> dict[str, object]:
    """Return a section as JSON without what it leaves out; stored so, it lets a later release build in other values."""
    return policy.model_dump(mode="json", exclude_unset=True)


# Where each field of a section stands in a PlatformConfig's spec.
_PLACES: dict[str, dict[str, str]] = {
    "auth": {
        "access_token_minutes": "auth.accessTokenMinutes",
        "refresh_token_days": "auth.refreshTokenDays",
        "short_session_hours": "auth.shortSessionHours",
        "require_verified_email": "auth.requireVerifiedEmail",
        "verification_hours": "auth.verificationHours",
        "registrations_per_hour": "auth.registrationsPerHour",
        "verification_mails_per_hour": "auth.verificationMailsPerHour",
        "sign_in": "auth.signIn",
        "security_log_days": "auth.securityLogDays",
        "recovery_minutes": "auth.recoveryMinutes",
        "email_undo_hours": "auth.emailUndoHours",
        "disposable_email": "auth.disposableEmail",
        "refused_email_domains": "auth.refusedEmailDomains",
    },
    "catalog": {
        "reviews": "catalog.reviews",
        "spaces": "catalog.spaces",
        "photos": "catalog.photos",
        "invite_owners": "catalog.inviteOwners",
        "hold_minutes": "booking.holdMinutes",
        "default_currency": "geo.defaultCurrency",
        "city_namespaces": "geo.cities",
    },
    "booking": {
        "providers": "booking.payments.providers",
        "max_duration_minutes": "booking.maxDurationMinutes",
        "hold_budget": "booking.holdBudget",
    },
    "geo": {
        "map_provider": "geo.map.provider",
        "transit_radius_metres": "geo.transitRadiusMetres",
        "cities": "geo.cities",
    },
    "notifications": {
        "email_provider": "notifications.email.provider",
        "sender": "notifications.email.from",
        "per_recipient": "notifications.email.perRecipient",
        "reminder_minutes": "notifications.reminderMinutes",
    },
}


def sections(spec: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """Return a PlatformConfig's spec as each service gets it: only what is declared, names in snake case.

    The values are not checked here: each service checks its own section.
    """
    found = {service: {name: _at(spec, path) for name, path in places.items()} for service, places in _PLACES.items()}
    cities = found["catalog"].pop("city_namespaces")
    told = {
        service: {name: _snake(value) for name, value in values.items() if value is not None}
        for service, values in found.items()
    }
    if namespaces := _city_namespaces(cities):  # a catalog that does not know it yet need not be told of nothing
        told["catalog"]["city_namespaces"] = namespaces
    return told


def _city_namespaces(cities: object) -> dict[str, object]:
    """Return the cities that are not everybody's with their namespaces."""
    named = [city for city in cities if isinstance(city, Mapping)] if isinstance(cities, list) else []
    return {str(city.get("slug")): city["namespaces"] for city in named if city.get("namespaces") is not None}


def not_allowed(namespace: str, city: str) -> str:
    """Return the sentence for who may not use a city."""
    return (
        f'The PlatformConfig gives the city "{city}" to other namespaces than {namespace}: write another city, or have '
        f"{namespace} added to its namespaces there (geo.cities)."
    )


def place(service: str, field: str) -> str:
    """Return where a field that a service has named (``cities.1.time_zone``) stands in a PlatformConfig's spec."""
    first, *rest = field.split(".")
    words = [
        _PLACES[service].get(first, first),
        *(f"[{part}]" if part.isdigit() else f".{to_camel(part)}" for part in rest),
    ]
    return "".join(words)


def _at(spec: object, path: str) -> object:
    for name in path.split("."):
        spec = spec.get(name) if isinstance(spec, Mapping) else None
    return spec


def _snake(value: object) -> object:
    if isinstance(value, Mapping):
        return {to_snake(name): _snake(item) for name, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value
