"""Rows to answers, in a language."""

from __future__ import annotations

from typing import Any

from mesto.catalog.answers import service as states
from mesto.catalog.search.schemas import (
    BookableView,
    BookingView,
    FacetValue,
    PhotoView,
    Place,
    PriceFrom,
    Rating,
    ResourceView,
    SpaceCard,
    SpaceFacets,
    SpaceList,
    SpaceProfile,
    StopNear,
)
from mesto.catalog.search.rules import AMENITIES, KINDS, Language, bucket_label, bucket_value, label, pick
from mesto.catalog.search.service import Found, Profile
from mesto.common.http.language import latin
from mesto.contracts.places import Location

_PER_ORDER = {"hour": 0, "day": 1, "month": 2}


def _place(slug: str, name: dict[str, Any] | None, language: Language) -> Place:
    return Place(slug=slug, name=pick(name, language) or slug)


def _card(
    row: Any, city_name: dict[str, Any] | None, price: dict[str, Any] | None, language: Language
) -> dict[str, Any]:
    located = row.located or {}
    district = located.get("district")
    transit = located.get("transit") or []
    city = located.get("city") or {}
    return {
        "id": row.id,
        "slug": row.slug,
        "title": pick(row.title, language) or row.slug,
        "city": _place(row.city, city_name or (city.get("name") if city.get("slug") == row.city else None), language),
        "district": _place(district["slug"], district["name"], language) if district else None,
        "address": row.address,
        "location": Location(latitude=row.latitude, longitude=row.longitude),
        "amenities": row.amenities,
        "rating": Rating(average=None, count=0),
        "price_from": PriceFrom(**price) if price else None,
        "nearest_transit": _stop(transit[0]) if transit else None,
        "photo_url": row.photos[0]["url"] if row.photos else None,
    }


def _stop(stop: dict[str, Any]) -> StopNear:
    line = stop.get("line")
    spelled = {"latin_name": latin(stop["name"]), "latin_line": latin(line) if line else None}
    return StopNear(**({"line": None, "color": None} | stop | spelled))


def _facets(found: Found, language: Language) -> SpaceFacets:
    facets = found.facets

    def values(entries: list[tuple[str, str | None, int]], words: dict[str, dict[str, str]]) -> list[FacetValue]:
        return [
            FacetValue(value=value, label=name or label(words, value, language), count=count)
            for value, name, count in entries
        ]

    return SpaceFacets(
        city=values(facets.city, {}),
        district=values(facets.district, {}),
        amenities=values(facets.amenities, AMENITIES),
        kind=values(facets.kind, KINDS),
        price=[
            FacetValue(
                value=bucket_value(number, found.currency), label=bucket_label(number, found.currency), count=count
            )
            for number, count in facets.price
        ],
        rating=[],
    )


def space_list(found: Found, language: Language) -> SpaceList:
    """A page of the list."""
    items = [
        SpaceCard(**_card(row, row.city_name, row.price_from, language), distance_m=row.distance_m)
        for row in found.rows
    ]
    return SpaceList(
        items=items,
        next_cursor=found.next_cursor,
        total=found.facets.total,
        facets=_facets(found, language),
        per=found.per,
        currency=found.currency,
    )


def _cheapest(profile: Profile) -> dict[str, Any] | None:
    """By the rule of the list: the city's currency first, then the shorter unit."""
    prices = [price for resource in profile.row.resources for price in resource["prices"]]
    if not prices:
        return None

    def rank(price: dict[str, Any]) -> tuple[bool, int, str, float]:
        foreign = price["currency"] != profile.currency
        return foreign, _PER_ORDER[price["per"]], price["currency"], float(price["amount"])

    cheapest: dict[str, Any] = min(prices, key=rank)
    return cheapest


def _resource(resource: dict[str, Any], language: Language) -> ResourceView:
    title = pick(resource["title"], language) or label(KINDS, resource["kind"], language)
    return ResourceView.model_validate(resource | {"title": title})


def space_profile(profile: Profile, language: Language) -> SpaceProfile:
    """One space."""
    row = profile.row
    can = states.bookable(row)
    city_name = profile.city.name if profile.city is not None else None
    return SpaceProfile(
        **_card(row, city_name, _cheapest(profile), language),
        distance_m=None,
        description=pick(row.description, language),
        time_zone=row.time_zone,
        opening_hours=row.opening_hours,
        exceptions=row.exceptions,
        resources=[_resource(resource, language) for resource in row.resources],
        transit=[_stop(stop) for stop in (row.located or {}).get("transit") or []],
        photos=[PhotoView(url=photo["url"], caption=pick(photo.get("caption"), language)) for photo in row.photos],
        contacts=row.contacts,
        booking=BookingView(**row.policy),
        bookable=BookableView(status=can.status, reason=can.reason),
    )
