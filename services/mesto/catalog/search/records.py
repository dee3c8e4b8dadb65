"""What the store of search takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from mesto.catalog.search.rules import Sort, SortKey
from mesto.catalog.spaces.records import LocalizedText, LocatedDocument, PhotoDocument, PriceDocument
from mesto.contracts.text import Language

FacetCount = tuple[str, str | None, int]
"""A value, its name where the row has one, and how many spaces there are."""


@dataclass(frozen=True)
class Query:
    """What is searched for. ``near`` is (latitude, longitude); prices compare in ``per`` and ``currency`` only.

    A space's price is the lowest of its resources', of those of ``kinds`` when kinds are asked for; a space without
    one is left out once prices are filtered or sorted by. ``exact_price`` is False when nobody chose per and currency:
    a hit may then show another price of the space.
    """

    per: str
    currency: str
    exact_price: bool
    language: Language
    sort: Sort
    limit: int
    after: tuple[SortKey, UUID] | None = None
    city: str | None = None
    districts: tuple[str, ...] = ()
    amenities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    near: tuple[float, float] | None = None
    radius_m: int | None = None

    @property
    def by_price(self) -> bool:
        """Whether spaces without a comparable price are left out."""
        return self.price_min is not None or self.price_max is not None or self.sort in ("price", "-price")


@dataclass(frozen=True)
class Hit:
    """A space that matches, as far as a list shows it; ``price_from`` and ``distance_m`` as the query wants them."""

    id: UUID
    slug: str
    title: LocalizedText
    city: str
    address: str
    latitude: float
    longitude: float
    amenities: list[str]
    photos: list[PhotoDocument]
    located: LocatedDocument | None
    city_name: LocalizedText | None
    price_from: PriceDocument | None
    distance_m: int | None
    sort_key: SortKey


@dataclass
class Facets:
    """Counts by value; each facet with every filter but its own. Prices are (bucket number, count)."""

    total: int = 0
    city: list[FacetCount] = field(default_factory=list)
    district: list[FacetCount] = field(default_factory=list)
    amenities: list[FacetCount] = field(default_factory=list)
    kind: list[FacetCount] = field(default_factory=list)
    price: list[tuple[int, int]] = field(default_factory=list)
