"""The platform's configuration as a file (a PlatformConfig resource), until the operator delivers it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import yaml
from mesto.contracts.money import Currency
from mesto.contracts.spaces import Location, Slug, Text
from pydantic import BaseModel, Field, field_validator


class City(BaseModel):
    """A city of ``spec.geo.cities``."""

    slug: Slug
    name: Text
    time_zone: str = Field(alias="timeZone")
    currency: Currency
    center: Location
    zoom: float = Field(default=10, ge=0, le=22)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value} is not a time zone; write a name such as Europe/Moscow")
        return value

    @field_validator("name")
    @classmethod
    def _named(cls, value: Text) -> Text:
        if not (value.ru or value.en):
            raise ValueError("give a name: ru, en or both")
        return value


class GeoSection(BaseModel):
    transit_radius_metres: int = Field(default=1500, ge=1, le=20_000, alias="transitRadiusMetres")
    default_currency: Currency = Field(default="RUB", alias="defaultCurrency")
    cities: list[City] = Field(default_factory=list)

    @field_validator("cities")
    @classmethod
    def _different(cls, value: list[City]) -> list[City]:
        slugs = [city.slug for city in value]
        if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
            raise ValueError(f"declared twice: {', '.join(twice)}")
        return value


class BookingSection(BaseModel):
    hold_minutes: int = Field(default=15, alias="holdMinutes")


class AuthSection(BaseModel):
    access_token_minutes: int = Field(default=10, alias="accessTokenMinutes")
    refresh_token_days: int = Field(default=30, alias="refreshTokenDays")


class EmailSection(BaseModel):
    sender: str = Field(default="noreply@mesto.example.org", alias="from")


class NotificationsSection(BaseModel):
    email: EmailSection = EmailSection()


class PlatformSpec(BaseModel):
    """The sections that are read today; others are ignored until their service reads them."""

    auth: AuthSection = AuthSection()
    booking: BookingSection = BookingSection()
    geo: GeoSection = GeoSection()
    notifications: NotificationsSection = NotificationsSection()


def parse(content: bytes | str) -> PlatformSpec:
    """The configuration in a YAML document. Raises ValueError (ValidationError names the field)."""
    try:
        document = yaml.safe_load(content) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {error}") from error
    if not isinstance(document, dict):
        raise ValueError("not a PlatformConfig resource")
    return PlatformSpec.model_validate(document.get("spec") or {})


def load(path: Path | None) -> PlatformSpec:
    """The configuration in ``path``; the built-in one without a path. Raises ValueError that names the field."""
    return PlatformSpec() if path is None else parse(path.read_bytes())
