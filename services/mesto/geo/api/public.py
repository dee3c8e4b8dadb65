"""The public API: cities, layers of the map, what is near. Open to everybody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from mesto.common.api import Router, problems
from mesto.common.language import negotiate
from mesto.contracts.spaces import Slug
from mesto.geo.models import CitiesOut, DistrictsOut, NearbyOut, StopsOut
from mesto.geo.queries import Kind, Queries

router = Router(tags=["geo"])
GEOJSON = "application/geo+json"


class GeoJson(JSONResponse):
    """A layer that is bytes already."""

    media_type = GEOJSON

    def render(self, content: bytes) -> bytes:
        return content


async def _queries(request: Request) -> Queries:
    queries: Queries = request.app.state.queries
    return queries


async def _language(accept_language: Annotated[str, Header(max_length=1000)] = "") -> str:
    return negotiate(accept_language)


Reads = Annotated[Queries, Depends(_queries)]
Language = Annotated[str, Depends(_language)]
City = Annotated[Slug, Query(description="The city's slug.")]
KnownTag = Annotated[str, Header(alias="If-None-Match", max_length=1000)]


@router.get("/cities")
async def list_cities(queries: Reads, language: Language, response: Response) -> CitiesOut:
    """The cities of the platform."""
    response.headers["Vary"] = "Accept-Language"
    return await queries.cities(language)


async def _layer(queries: Queries, city: str, kind: Kind, language: str, known_tag: str) -> Response:
    layer = await queries.layer(city, kind, language, known_tag)
    headers = {"ETag": layer.tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    if not layer.body:
        return Response(status_code=304, headers=headers)
    return GeoJson(layer.body, headers=headers)


_CACHED = {name: {"schema": {"type": "string"}} for name in ("ETag", "Cache-Control", "Vary")}
_LAYER: dict[int | str, dict[str, Any]] = {
    200: {"headers": _CACHED},
    304: {"description": "The layer is still the one of If-None-Match.", "headers": _CACHED},
    **problems(404),
}


@router.get("/districts", response_model=DistrictsOut, response_class=GeoJson, responses=_LAYER)
async def list_districts(queries: Reads, language: Language, city: City, if_none_match: KnownTag = "") -> Response:
    """Districts of a city as GeoJSON, outlines simplified to about ten metres."""
    return await _layer(queries, city, "districts", language, if_none_match)


@router.get("/stops", response_model=StopsOut, response_class=GeoJson, responses=_LAYER)
async def list_stops(queries: Reads, language: Language, city: City, if_none_match: KnownTag = "") -> Response:
    """Public transport stops of a city as GeoJSON points."""
    return await _layer(queries, city, "stops", language, if_none_match)


@router.get("/nearby")
async def find_nearby(
    queries: Reads,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    radius_m: Annotated[float, Query(gt=0, le=20_000, allow_inf_nan=False)] = 1000,
) -> NearbyOut:
    """Stops and spaces around a point by straight line, nearest first, at most 50 of each."""
    return await queries.nearby(lat, lon, radius_m)
