"""Search: which published spaces match, in which order, with what facets. The only module that knows how.

SQL for now; its callers see ``Query``, ``Hit`` and ``Facets`` and would not notice another engine behind them.
"""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from mesto.catalog.cities.tables import CITIES
from mesto.catalog.search.records import Facets, Hit, Query
from mesto.catalog.search.rules import PRICE_EDGES
from mesto.catalog.spaces.tables import LISTED, PRICES, RESOURCES, SPACES
from mesto.contracts.text import Language, other_language
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Numeric,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

EARTH_RADIUS_METRES = 6_371_000
_PER, _CURRENCY = bindparam("per", type_=Text), bindparam("currency", type_=Text)
_KINDS: BindParameter[str] = bindparam("kinds", expanding=True)
_NAMES = [*SPACES.c.keys(), "city_name", "price_from", "distance_m", "sort_key"]
# By their places in the row: names cost more than all else that is done with it.
_hit = itemgetter(*(_NAMES.index(field.name) for field in fields(Hit)))


def _in_language(column: Any, language: Language) -> ColumnElement[str]:
    other = other_language(language)
    return func.coalesce(func.nullif(column[language].astext, ""), column[other].astext)


def _offers(query: Query, *, by_kind: bool) -> FromClause:
    """Return the lowest price of each space (or of each space and kind) in the unit and currency asked for."""
    keys = [PRICES.c.space_id, PRICES.c.kind] if by_kind else [PRICES.c.space_id]
    offers = select(*keys, func.min(PRICES.c.amount).label("amount")).where(
        PRICES.c.per == _PER, PRICES.c.currency == _CURRENCY
    )
    if query.kinds and not by_kind:
        offers = offers.where(PRICES.c.kind.in_(_KINDS))
    return offers.group_by(*keys).subquery("offers_by_kind" if by_kind else "offers")


def _in_range(amount: ColumnElement[Any], query: Query) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = [amount.is_not(None)]
    if query.price_min is not None:
        bounds.append(amount >= bindparam("price_min", type_=Numeric))
    if query.price_max is not None:
        bounds.append(amount <= bindparam("price_max", type_=Numeric))
    return and_(*bounds)


def _distance() -> ColumnElement[int]:
    """Return the metres by the haversine formula, whole: the sort key and what is shown are then the same number."""
    latitude, longitude = bindparam("latitude", type_=Double), bindparam("longitude", type_=Double)
    half_lat = func.radians(SPACES.c.latitude - latitude) / 2
    half_lon = func.radians(SPACES.c.longitude - longitude) / 2
    inner = func.pow(func.sin(half_lat), 2) + func.cos(func.radians(latitude)) * func.cos(
        func.radians(SPACES.c.latitude)
    ) * func.pow(func.sin(half_lon), 2)
    metres = 2 * EARTH_RADIUS_METRES * func.asin(func.sqrt(func.least(literal(1.0, Double), inner)))
    return cast(func.round(metres), Integer)


def _conditions(query: Query, amount: ColumnElement[Any]) -> dict[str, ColumnElement[bool]]:
    """Return the filters that are in force, by the facet that each belongs to."""
    conditions: dict[str, ColumnElement[bool]] = {}
    if query.city is not None:
        conditions["city"] = SPACES.c.city == bindparam("city", type_=Text)
    if query.districts:
        conditions["district"] = func.coalesce(SPACES.c.district.in_(bindparam("districts", expanding=True)), False)
    if query.amenities:
        conditions["amenities"] = SPACES.c.amenities.contains(bindparam("amenities", type_=ARRAY(Text)))
    if query.kinds:
        offered = select(RESOURCES.c.space_id).where(RESOURCES.c.space_id == SPACES.c.id, RESOURCES.c.kind.in_(_KINDS))
        conditions["kind"] = offered.exists()
    if query.by_price:
        conditions["price"] = _in_range(amount, query)
    return conditions


def _base(query: Query) -> list[ColumnElement[bool]]:
    """Return the conditions that belong to no facet."""
    conditions: list[ColumnElement[bool]] = [LISTED]
    if query.near is not None and query.radius_m is not None:
        conditions.append(_distance() <= bindparam("radius_m", type_=Integer))
    return conditions


def _sort_key(query: Query, amount: ColumnElement[Any]) -> tuple[ColumnElement[Any], bool]:
    """Return what the list is ordered by, and whether descending."""
    if query.sort in ("price", "-price"):
        return amount, query.sort == "-price"
    if query.sort in ("title", "-title"):
        # ICU's root collation orders both alphabets as people expect, whatever the database's locale is.
        return _in_language(SPACES.c.title, query.language).collate("und-x-icu"), query.sort == "-title"
    if query.sort == "distance":
        return _distance(), False
    return SPACES.c.created_at, True


def _shown_price(query: Query) -> ScalarSelect[Any]:
    """Return a space's price for display as ``{per, currency, amount}``; of a chosen kind when one is chosen.

    When per and currency were not chosen and prices neither filter nor sort, the nearest thing to the default is
    shown instead of nothing: first the default currency, then the unit by length.
    """
    price = func.jsonb_build_object(
        "per", PRICES.c.per, "currency", PRICES.c.currency, "amount", cast(PRICES.c.amount, Text)
    )
    shown = select(price).where(PRICES.c.space_id == SPACES.c.id).correlate(SPACES)
    if query.kinds:
        shown = shown.where(PRICES.c.kind.in_(_KINDS))
    if query.exact_price or query.by_price:
        shown = shown.where(PRICES.c.per == _PER, PRICES.c.currency == _CURRENCY)
    unit = case((PRICES.c.per == _PER, 0), (PRICES.c.per == "hour", 1), (PRICES.c.per == "day", 2), else_=3)
    order = [PRICES.c.currency != _CURRENCY, unit, PRICES.c.currency, PRICES.c.amount]
    return shown.order_by(*order).limit(1).scalar_subquery()


def _page(query: Query) -> Select[Any]:
    offers = _offers(query, by_kind=False)
    source = SPACES.outerjoin(CITIES, CITIES.c.slug == SPACES.c.city)
    if query.by_price:
        source = source.join(offers, offers.c.space_id == SPACES.c.id)
    key, descending = _sort_key(query, offers.c.amount)
    distance = _distance() if query.near is not None else null()
    page = (
        select(
            SPACES,
            CITIES.c.name.label("city_name"),
            _shown_price(query).label("price_from"),
            cast(distance, Integer).label("distance_m"),
            key.label("sort_key"),
        )
        .select_from(source)
        .where(*_base(query), *_conditions(query, offers.c.amount).values())
    )
    if query.after is not None:
        place, after = (
            tuple_(key, SPACES.c.id),
            tuple_(bindparam("after_key", type_=key.type), bindparam("after_id", type_=Uuid)),
        )
        page = page.where(place < after if descending else place > after)
    order = (key.desc(), SPACES.c.id.desc()) if descending else (key.asc(), SPACES.c.id.asc())
    return page.order_by(*order).limit(bindparam("limit", type_=Integer))


def _facets(query: Query) -> Any:
    """Build one statement: every published space once with a flag per filter, then a count per facet."""
    offers, offers_by_kind = _offers(query, by_kind=False), _offers(query, by_kind=True)
    conditions = _conditions(query, offers.c.amount)
    matched = (
        select(
            SPACES.c.id,
            SPACES.c.city,
            SPACES.c.district,
            _in_language(SPACES.c.located["district"]["name"], query.language).label("district_name"),
            SPACES.c.amenities,
            offers.c.amount,
            *(condition.label(f"ok_{name}") for name, condition in conditions.items()),
        )
        .select_from(SPACES.outerjoin(offers, offers.c.space_id == SPACES.c.id))
        .where(*_base(query))
        .cte("matched")
    )

    def meets_all_but(*without: str) -> ColumnElement[bool]:
        return and_(true(), *(matched.c[f"ok_{name}"] for name in conditions if name not in without))

    def counted(name: str, value: Any, label: Any, source: FromClause, *where: ColumnElement[bool]) -> Select[Any]:
        count = func.count(distinct(source.c.id if source is matched else matched.c.id))
        return (
            select(literal(name).label("facet"), cast(value, Text), func.max(label), count)
            .select_from(source)
            .where(*where)
            .group_by(value)
        )

    none = cast(null(), Text)
    amenity = func.unnest(matched.c.amenities).table_valued("value").render_derived("amenity")
    kinds = select(RESOURCES.c.space_id, RESOURCES.c.kind).distinct().subquery("kinds")
    of_kind = and_(offers_by_kind.c.space_id == kinds.c.space_id, offers_by_kind.c.kind == kinds.c.kind)
    priced = [_in_range(offers_by_kind.c.amount, query)] if query.by_price else []
    edges = cast(literal([Decimal(edge) for edge in PRICE_EDGES], ARRAY(Numeric)), ARRAY(Numeric))
    city_name = _in_language(CITIES.c.name, query.language)
    number = func.width_bucket(matched.c.amount, edges)
    return union_all(
        select(literal("total").label("facet"), none, none, func.count()).select_from(matched).where(meets_all_but()),
        counted(
            "city",
            matched.c.city,
            city_name,
            matched.outerjoin(CITIES, CITIES.c.slug == matched.c.city),
            meets_all_but("city"),
        ),
        counted(
            "district",
            matched.c.district,
            matched.c.district_name,
            matched,
            meets_all_but("district"),
            matched.c.district.is_not(None),
        ),
        counted("amenities", amenity.c.value, none, matched.join(amenity, true()), meets_all_but("amenities")),
        counted(
            "kind",
            kinds.c.kind,
            none,
            matched.join(kinds, kinds.c.space_id == matched.c.id).outerjoin(offers_by_kind, of_kind),
            meets_all_but("kind", "price"),
            *priced,
        ),
        counted("price", number, none, matched, meets_all_but("price"), matched.c.amount.is_not(None)),
    )


def _shape(query: Query) -> Query:
    """Return the query without its values: what its statements look like depends on nothing else."""
    return replace(
        query,
        per="",
        currency="",
        limit=0,
        after=None if query.after is None else ("", UUID(int=0)),
        city=None if query.city is None else "",
        districts=query.districts and ("",),
        amenities=query.amenities and ("",),
        kinds=query.kinds and ("",),
        price_min=None if query.price_min is None else Decimal(0),
        price_max=None if query.price_max is None else Decimal(0),
        near=None if query.near is None else (0.0, 0.0),
        radius_m=None if query.radius_m is None else 0,
    )


def _values(query: Query) -> dict[str, object]:
    """Return the values by the names that the statements have for them."""
    after, near = query.after or (None, None), query.near or (None, None)
    lists = {"districts": list(query.districts), "amenities": list(query.amenities), "kinds": list(query.kinds)}
    money = {"per": query.per, "currency": query.currency, "price_min": query.price_min, "price_max": query.price_max}
    place = {"city": query.city, "latitude": near[0], "longitude": near[1], "radius_m": query.radius_m}
    return {**lists, **money, **place, "after_key": after[0], "after_id": after[1], "limit": query.limit}


# Writing the statements down takes longer in Python than PostgreSQL needs to answer them: each shape is written once.
@lru_cache(maxsize=512)
def _statements(shape: Query) -> tuple[Select[Any], Any]:
    """Return the page and the facets of all queries of a shape."""
    return _page(shape), _facets(shape)


async def find(connection: AsyncConnection, query: Query) -> tuple[list[Hit], Facets]:
    """Return the page of spaces and the facets."""
    page, counts = _statements(_shape(query))
    values = _values(query)
    hits = [Hit(*_hit(row)) for row in await connection.execute(page, values)]
    facets = Facets()
    named = {"city": facets.city, "district": facets.district, "amenities": facets.amenities, "kind": facets.kind}
    for facet, value, label, count in (await connection.execute(counts, values)).all():
        if facet == "total":
            facets.total = count
        elif facet == "price":
            facets.price.append((int(value), count))
        else:
            named[facet].append((value, label, count))
    for entries in named.values():
        entries.sort(key=lambda entry: (-entry[2], entry[0]))
    facets.price.sort()
    return hits, facets
