"""The public API: find spaces, look at one."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Header, Path, Query, Request, Response
from mesto.catalog.profiles import service as views
from mesto.catalog.search.schemas import SpaceList, SpaceProfile
from mesto.catalog.search.rules import Language
from mesto.catalog.search.service import Queries, Wish, wrong
from mesto.common.http.api import Router, problems
from mesto.common.http.language import negotiate
from mesto.contracts.fields import Plain, Slug
from mesto.contracts.money import Amount, KnownCurrency, Per
from mesto.contracts.spaces import ResourceKind
from prometheus_client import Counter
from pydantic import BaseModel, Field

router = Router(tags=["spaces"])
SEARCHES = Counter("mesto_searches_total", "Lists of spaces asked for, by city", ["city"])
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


async def _queries(request: Request) -> Queries:
    queries: Queries = request.app.state.queries
    return queries


async def _language(
    response: Response, accept_language: Annotated[str | None, Header(max_length=1000)] = None
) -> Language:
    language = negotiate(accept_language)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


Reads = Annotated[Queries, Depends(_queries)]
IN_A_LANGUAGE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Content-Language": {"required": True, "schema": {"enum": ["ru", "en"]}}}}
}
InLanguage = Annotated[Language, Depends(_language)]
IdOrSlug = Annotated[str, Path(max_length=63, pattern=r"^[A-Za-z0-9-]+$")]


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
async def list_spaces(filters: Annotated[SpaceFilters, Query()], queries: Reads, language: InLanguage) -> SpaceList:
    """Published spaces that match all filters, with facets counted by every filter but their own."""
    wish = Wish(
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
    found = await queries.search(wish)
    # Only a city with spaces becomes a label: what a client writes has no bound.
    SEARCHES.labels("any" if not wish.city else wish.city if found.rows else "nothing_found").inc()
    return views.space_list(found, language)


@router.get("/spaces/{id_or_slug}", responses={**IN_A_LANGUAGE, **problems(308, 404)})
async def get_space(id_or_slug: IdOrSlug, queries: Reads, language: InLanguage) -> SpaceProfile:
    """One listed space by its id or slug; 308 leads from a slug that it had to the one that it has."""
    return views.space_profile(await queries.profile(id_or_slug), language)
