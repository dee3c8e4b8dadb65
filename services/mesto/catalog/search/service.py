"""What the public reads: the list with facets, and one space."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from mesto.catalog.search.rules import Language
from mesto.catalog.search import store as search
from mesto.catalog.spaces import store
from mesto.catalog.search.store import Facets, Query, Sort
from mesto.catalog.spaces.store import SpaceRow
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem, not_found
from mesto.common.http.pages import decode_cursor, encode_cursor
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import CatalogPolicy
from sqlalchemy import Row


@dataclass(frozen=True)
class Wish:
    """What a visitor asked for, before defaults."""

    language: Language
    sort: Sort | None = None
    cursor: str = ""
    limit: int = 20
    city: str | None = None
    districts: tuple[str, ...] = ()
    amenities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    per: str | None = None
    currency: str | None = None
    near: tuple[float, float] | None = None
    radius_m: int | None = None


@dataclass
class Found:
    """A page of hits; ``currency`` is the one that prices were compared in."""

    rows: list[Row[Any]]
    facets: Facets
    next_cursor: str | None
    currency: str
    per: str


@dataclass
class Profile:
    """One space and its city's row (None until geo has told of it)."""

    row: SpaceRow
    city: Row[Any] | None
    currency: str = field(default="")


def wrong(name: str, message: str) -> Problem:
    """422 about one parameter."""
    return Problem(422, "invalid-request", message, errors=[FieldError(field=name, message=message)])


class Queries:
    """Reads of catalog. The policy's default currency is for lists of no city or an unknown one."""

    def __init__(self, database: Database, configuration: Configuration[CatalogPolicy]) -> None:
        self.database, self.configuration = database, configuration

    @property
    def default_currency(self) -> str:
        """The platform's, now."""
        return self.configuration.policy.default_currency

    async def search(self, wish: Wish) -> Found:
        """A page of published spaces. Raises Problem 422 for parameters that contradict each other."""
        sort = _sort(wish)
        async with self.database.read() as connection:
            currency = wish.currency
            if currency is None:
                city = await store.city(connection, wish.city) if wish.city else None
                currency = city.currency if city else self.default_currency
            query = Query(
                per=wish.per or "hour",
                currency=currency,
                exact_price=wish.per is not None or wish.currency is not None,
                language=wish.language,
                sort=sort,
                limit=wish.limit + 1,
                after=_after(wish.cursor, sort) if wish.cursor else None,
                city=wish.city,
                districts=wish.districts,
                amenities=wish.amenities,
                kinds=wish.kinds,
                price_min=wish.price_min,
                price_max=wish.price_max,
                near=wish.near,
                radius_m=wish.radius_m,
            )
            rows, facets = await search.find(connection, query)
        following = None
        if len(rows) > wish.limit:
            rows = rows[: wish.limit]
            following = encode_cursor([sort, _plain(rows[-1].sort_key), str(rows[-1].id)])
        return Found(rows, facets, following, currency, query.per)

    async def profile(self, id_or_slug: str) -> Profile:
        """A listed space. Raises Problem 404, or 308 with the address of the space that had this slug before."""
        async with self.database.read() as connection:
            row = await store.published(connection, id_or_slug)
            if row is None:
                raise _elsewhere(await store.moved(connection, id_or_slug))
            city = await store.city(connection, row.city)
        return Profile(row, city, city.currency if city else self.default_currency)


def _elsewhere(slug: str | None) -> Problem:
    if slug is None:
        return not_found("This space")
    # Not for good: another space may take the old slug.
    headers = {"Location": f"/api/catalog/spaces/{slug}", "Cache-Control": "no-cache"}
    return Problem(308, "moved", f"The space is at {slug} now.", headers=headers)


def _sort(wish: Wish) -> Sort:
    if wish.near is None:
        if wish.sort == "distance":
            raise wrong("sort", "Sorting by distance needs near=latitude,longitude.")
        if wish.radius_m is not None:
            raise wrong("radius_m", "A radius needs near=latitude,longitude.")
    if wish.price_min is not None and wish.price_max is not None and wish.price_min > wish.price_max:
        raise wrong("price_max", "price_max is below price_min.")
    return wish.sort or ("distance" if wish.near is not None else "newest")


def _plain(key: Any) -> Any:
    return str(key) if isinstance(key, Decimal) else key


def _after(cursor: str, sort: Sort) -> tuple[Any, UUID]:
    made_for, key, space_id = decode_cursor(cursor, 3)
    with contextlib.suppress(ValueError, TypeError, AttributeError, ArithmeticError):
        if made_for == sort:
            return search.cursor_key(sort, key), UUID(space_id)
    raise wrong("cursor", "Not a cursor of this list: take next_cursor of its last page and keep the sort.")
