"""The public API of search: a page of published spaces, with facets."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import Depends, Header, Query, Request, Response
from mesto.catalog.search.schemas import SpaceFilters, SpaceList
from mesto.catalog.search.service import Search, SearchParams, space_list, wrong
from mesto.common.http.api import Router
from mesto.common.http.language import negotiate
from mesto.contracts.spaces import ResourceKind
from mesto.contracts.text import Language
from prometheus_client import Counter

router = Router(tags=["spaces"])
SEARCHES = Counter("mesto_searches_total", "Lists of spaces asked for, by city", ["city"])


async def _search(request: Request) -> Search:
    search: Search = request.app.state.catalog.search
    return search


async def _language(
    response: Response, accept_language: Annotated[str | None, Header(max_length=1000)] = None
) -> Language:
    language = negotiate(accept_language)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


IN_A_LANGUAGE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Content-Language": {"required": True, "schema": {"enum": ["ru", "en"]}}}}
}
InLanguage = Annotated[Language, Depends(_language)]


def _split(listed: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(listed.split(","))) if listed else ()


def _kinds(listed: str | None) -> tuple[str, ...]:
    kinds = _split(listed)
    for kind in kinds:
        if kind not in get_args(ResourceKind):
            raise wrong("kind", f"{kind} is not a kind of resource; take {', '.join(get_args(ResourceKind))}.")
    return kinds


def _near(near: str | None) -> tuple[float, float] | None:
    if near is None:
        return None
    try:
        latitude, longitude = (float(part) for part in near.split(","))
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    except ValueError:
        pass
    raise wrong("near", "Write near=latitude,longitude in degrees, for example near=55.7558,37.6173.")


@router.get("/spaces", responses=IN_A_LANGUAGE)
async def list_spaces(
    filters: Annotated[SpaceFilters, Query()], search: Annotated[Search, Depends(_search)], language: InLanguage
) -> SpaceList:
    """Published spaces that match all filters, with facets counted by every filter but their own."""
    params = SearchParams(
        language=language,
        sort=filters.sort,
        cursor=filters.cursor or "",
        limit=filters.limit,
        city=filters.city,
        districts=_split(filters.district),
        amenities=_split(filters.amenities),
        kinds=_kinds(filters.kind),
        price_min=filters.price_min,
        price_max=filters.price_max,
        per=filters.per,
        currency=filters.currency,
        near=_near(filters.near),
        radius_m=filters.radius_m,
    )
    page = await search.find(params)
    # Only a city with spaces becomes a label: what a client writes has no bound.
    SEARCHES.labels("any" if not params.city else params.city if page.hits else "nothing_found").inc()
    return space_list(page, language)
