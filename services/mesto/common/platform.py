"""The platform's configuration as a file (a PlatformConfig resource), until the operator delivers it."""

from __future__ import annotations

from pathlib import Path

import yaml
from mesto.contracts.spaces import Location, Text
from pydantic import BaseModel, Field


class City(BaseModel):
    """A city of ``spec.geo.cities``."""

    slug: str
    name: Text
    time_zone: str = Field(alias="timeZone")
    currency: str
    center: Location
    zoom: float = 10


class GeoSection(BaseModel):
    transit_radius_metres: int = Field(default=1500, alias="transitRadiusMetres")
    default_currency: str = Field(default="RUB", alias="defaultCurrency")
    cities: list[City] = Field(default_factory=list)


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


def load(path: Path | None) -> PlatformSpec:
    """The configuration in ``path``; the built-in one without a path. Raises ValidationError that names the field."""
    if path is None:
        return PlatformSpec()
    document = yaml.safe_load(path.read_text("utf-8")) or {}
    return PlatformSpec.model_validate(document.get("spec") or {})
