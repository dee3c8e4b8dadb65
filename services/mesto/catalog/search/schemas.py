"""What the public searches by, and the cards and facets that it is answered.

The generated client of the front end comes from these.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args
from uuid import UUID

from mesto.contracts.amenities import AmenityLabel
from mesto.contracts.fields import Plain, Slug
from mesto.contracts.money import Amount, Currency, KnownCurrency, Per
from mesto.contracts.places import Location
from mesto.contracts.spaces import ResourceKind
from pydantic import BaseModel, Field

_KIND = "|".join(get_args(ResourceKind))
_DEGREES_90 = r"[+-]?(90(\.0{1,20})?|[0-8]?\d(\.\d{1,20})?)"
_DEGREES_180 = r"[+-]?(180(\.0{1,20})?|(1[0-7]\d|\d{1,2})(\.\d{1,20})?)"
Listed = Annotated[str, Field(max_length=1000, pattern=r"^[^,\s\x00]+(,[^,\s\x00]+)*$")]
Kinds = Annotated[str, Field(max_length=1000, pattern=rf"^({_KIND})(,({_KIND}))*$")]
# Degrees, so that what the schema lets pass is understood.
Point = Annotated[str, Field(max_length=60, pattern=rf"^{_DEGREES_90},{_DEGREES_180}$")]


class SpaceFilters(BaseModel):
    """What the list can be narrowed and ordered by. Prices compare within one ``per`` and ``currency``."""

    city: Slug | None = Field(default=None, description="A city's slug.")
    district: Listed | None = Field(default=None, description="Slugs of districts, any of them.")
    amenities: Listed | None = Field(default=None, description="Slugs of amenities, all of them.")
    kind: Kinds | None = Field(default=None, description=f"Any of {', '.join(get_args(ResourceKind))}.")
    price_min: Amount | None = None
    price_max: Amount | None = None
    per: Per | None = Field(default=None, description="Default: hour.")
    currency: KnownCurrency | None = Field(default=None, description="Default: the city's, else the platform's.")
    near: Point | None = Field(default=None, description="latitude,longitude in degrees.")
    radius_m: int | None = Field(default=None, ge=1, le=200_000, description="Metres around `near`.")
    sort: Literal["price", "-price", "title", "-title", "newest", "distance"] | None = Field(
        default=None, description="Default: distance with `near`, else newest."
    )
    cursor: Plain | None = Field(default=None, max_length=12_000)
    limit: int = Field(default=20, ge=1, le=100)


_AMOUNT = Field(description="A decimal string with two places.", examples=["450.00"])


class Place(BaseModel):
    """A city or a district."""

    slug: str
    name: str


class PriceFrom(BaseModel):
    """The lowest price of a space."""

    amount: str = _AMOUNT
    currency: Currency
    per: Per


class Rating(BaseModel):
    """Of the published reviews; null without any."""

    average: float | None
    count: int


class StopNear(BaseModel):
    """A public transport stop; ``metres`` is the straight line.

    Name and line are as the city's data has them; ``latin_name`` and ``latin_line`` are for who reads no Cyrillic.
    """

    name: str
    line: str | None
    latin_name: str
    latin_line: str | None
    color: str | None
    metres: int


class SpaceCard(BaseModel):
    """A space in a list."""

    id: UUID
    slug: str
    title: str
    city: Place
    district: Place | None
    address: str
    location: Location
    amenities: list[str]
    amenity_labels: list[AmenityLabel] = Field(description="The same amenities with their labels.")
    rating: Rating
    price_from: PriceFrom | None
    distance_m: int | None = Field(description="Metres from `near`, straight line; null without `near`.")
    nearest_transit: StopNear | None
    photo_url: str | None


class FacetValue(BaseModel):
    """How many spaces there would be with this value and all other filters."""

    value: str
    label: str
    count: int


class SpaceFacets(BaseModel):
    """A ``price`` value is ``<price_min>-<price_max>`` within ``per`` and ``currency``."""

    city: list[FacetValue]
    district: list[FacetValue]
    amenities: list[FacetValue]
    kind: list[FacetValue]
    price: list[FacetValue]
    rating: list[FacetValue]


class SpaceList(BaseModel):
    """A page of spaces. ``per`` and ``currency`` are those that prices were compared in."""

    items: list[SpaceCard]
    next_cursor: str | None
    total: int
    facets: SpaceFacets
    per: Per
    currency: Currency
