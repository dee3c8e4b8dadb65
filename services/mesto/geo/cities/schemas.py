"""Bodies of the cities' API."""

from __future__ import annotations

from mesto.contracts.money import Currency
from mesto.contracts.places import Location
from mesto.contracts.text import Text
from pydantic import BaseModel


class CityOut(BaseModel):
    """A city; ``name`` is in the language of Accept-Language."""

    slug: str
    name: str
    names: Text
    time_zone: str
    currency: Currency
    center: Location
    zoom: float


class CitiesOut(BaseModel):
    """All cities of the platform."""

    items: list[CityOut]
