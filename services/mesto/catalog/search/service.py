"""Searching published spaces: a page of cards, with facets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from mesto.catalog.cities.service import Cities
from mesto.catalog.search import store
from mesto.catalog.search.records import FacetCount, Facets, Hit, Query
from mesto.catalog.search.rules import (
    Sort,
    SortKey,
    bucket_label,
    bucket_value,
    cursor_key,
    kind_label,
)
from mesto.catalog.search.schemas import (
    FacetValue,
    Place,
    PriceFrom,
    Rating,
    SpaceCard,
    SpaceFacets,
    SpaceList,
    StopNear,
)
from mesto.catalog.spaces.records import LocalizedText, PriceDocument, Space, StopDocument
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem
from mesto.common.http.language import latin
from mesto.common.http.pages import decode_cursor, encode_cursor
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.amenities import AmenityLabel, amenity_label, amenity_labels
from mesto.contracts.money import Per
from mesto.contracts.places import Location
from mesto.contracts.policy import CatalogPolicy
from mesto.contracts.text import Language, choose


@dataclass(frozen=True)
class SearchParams:
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
    per: Per | None = None
    currency: str | None = None
    near: tuple[float, float] | None = None
    radius_m: int | None = None


@dataclass(frozen=True)
class SearchPage:
    """A page of hits; ``per`` and ``currency`` are those that prices were compared in."""

    hits: list[Hit]
    facets: Facets
    next_cursor: str | None
    currency: str
    per: Per


class Search:
    """Lists of spaces. The policy's default currency is for lists of no city or an unknown one."""

    def __init__(self, database: Database, configuration: Configuration[CatalogPolicy], cities: Cities) -> None:
        self.database, self.configuration, self.cities = database, configuration, cities

    async def find(self, params: SearchParams) -> SearchPage:
        """Return a page of published spaces. Raises Problem 422 for parameters that contradict each other."""
        sort, per = _sort(params), params.per or "hour"
        async with self.database.read() as connection:
            currency = params.currency
            if currency is None:
                city = await self.cities.find(connection, params.city) if params.city else None
                currency = city.currency if city else self.configuration.policy.default_currency
            query = Query(
                per=per,
                currency=currency,
                exact_price=params.per is not None or params.currency is not None,
                language=params.language,
                sort=sort,
                limit=params.limit + 1,
                after=_after(params.cursor, sort) if params.cursor else None,
                city=params.city,
                districts=params.districts,
                amenities=params.amenities,
                kinds=params.kinds,
                price_min=params.price_min,
                price_max=params.price_max,
                near=params.near,
                radius_m=params.radius_m,
            )
            hits, facets = await store.find(connection, query)
        following = None
        if len(hits) > params.limit:
            hits = hits[: params.limit]
            following = encode_cursor([sort, _plain(hits[-1].sort_key), str(hits[-1].id)])
        return SearchPage(hits, facets, following, currency, per)


def wrong(name: str, message: str) -> Problem:
    """Return a 422 about one parameter."""
    return Problem(422, "invalid-request", message, errors=[FieldError(field=name, message=message)])


def _sort(params: SearchParams) -> Sort:
    if params.near is None:
        if params.sort == "distance":
            raise wrong("sort", "Sorting by distance needs near=latitude,longitude.")
        if params.radius_m is not None:
            raise wrong("radius_m", "A radius needs near=latitude,longitude.")
    if params.price_min is not None and params.price_max is not None and params.price_min > params.price_max:
        raise wrong("price_max", "price_max is below price_min.")
    return params.sort or ("distance" if params.near is not None else "newest")


def _plain(key: SortKey) -> SortKey:
    return str(key) if isinstance(key, Decimal) else key


def _after(cursor: str, sort: Sort) -> tuple[SortKey, UUID]:
    made_for, key, space_id = decode_cursor(cursor, 3)
    with contextlib.suppress(ValueError, TypeError, AttributeError, ArithmeticError):
        if made_for == sort:
            return cursor_key(sort, key), UUID(space_id)
    raise wrong("cursor", "Not a cursor of this list: take next_cursor of its last page and keep the sort.")


class CardFields(TypedDict):
    """All of a card but the distance."""

    id: UUID
    slug: str
    title: str
    city: Place
    district: Place | None
    address: str
    location: Location
    amenities: list[str]
    amenity_labels: list[AmenityLabel]
    rating: Rating
    price_from: PriceFrom | None
    nearest_transit: StopNear | None
    photo_url: str | None


def card_fields(
    space: Hit | Space, city_name: LocalizedText | None, price: PriceDocument | None, language: Language
) -> CardFields:
    """Return what a card shows of a space, in a language."""
    located = space.located or {}
    district = located.get("district")
    transit = located.get("transit") or []
    city = located.get("city")
    told_name = city.get("name") if city and city.get("slug") == space.city else None
    return {
        "id": space.id,
        "slug": space.slug,
        "title": choose(space.title, language) or space.slug,
        "city": _place(space.city, city_name or told_name, language),
        "district": _place(district["slug"], district["name"], language) if district else None,
        "address": space.address,
        "location": Location(latitude=space.latitude, longitude=space.longitude),
        "amenities": space.amenities,
        "amenity_labels": amenity_labels(space.amenities, language),
        "rating": Rating(average=None, count=0),
        "price_from": PriceFrom.model_validate(price) if price else None,
        "nearest_transit": stop_near(transit[0]) if transit else None,
        "photo_url": space.photos[0]["url"] if space.photos else None,
    }


def stop_near(stop: StopDocument) -> StopNear:
    """Return a stop with its names in Latin letters."""
    line = stop.get("line")
    return StopNear(
        name=stop["name"],
        line=line,
        latin_name=latin(stop["name"]),
        latin_line=latin(line) if line else None,
        color=stop.get("color"),
        metres=stop["metres"],
    )


def _place(slug: str, name: LocalizedText | None, language: Language) -> Place:
    return Place(slug=slug, name=choose(name, language) or slug)


def _itself(slug: str, _language: Language) -> str:
    return slug


def _facets(page: SearchPage, language: Language) -> SpaceFacets:
    facets = page.facets

    def values(entries: list[FacetCount], label: Callable[[str, Language], str] = _itself) -> list[FacetValue]:
        return [
            FacetValue(value=value, label=name or label(value, language), count=count) for value, name, count in entries
        ]

    return SpaceFacets(
        city=values(facets.city),
        district=values(facets.district),
        amenities=values(facets.amenities, amenity_label),
        kind=values(facets.kind, kind_label),
        price=[
            FacetValue(
                value=bucket_value(number, page.currency), label=bucket_label(number, page.currency), count=count
            )
            for number, count in facets.price
        ],
        rating=[],
    )


def space_list(page: SearchPage, language: Language) -> SpaceList:
    """Return a page as it is answered, in a language."""
    items = [
        SpaceCard(**card_fields(hit, hit.city_name, hit.price_from, language), distance_m=hit.distance_m)
        for hit in page.hits
    ]
    return SpaceList(
        items=items,
        next_cursor=page.next_cursor,
        total=page.facets.total,
        facets=_facets(page, language),
        per=page.per,
        currency=page.currency,
    )
