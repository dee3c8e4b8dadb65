"""The public API of the map's layers. Open to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from mesto.common.http.api import InLanguage, Router, problems
from mesto.contracts.fields import Slug
from mesto.contracts.text import Language
from mesto.geo.datasets.records import DatasetType
from mesto.geo.layers.schemas import DistrictsOut, StopsOut
from mesto.geo.layers.service import Layers

router = Router(tags=["geo"])
GEOJSON = "application/geo+json"


class GeoJson(JSONResponse):
    """A layer that is bytes already."""

    media_type = GEOJSON

    def render(self, content: bytes) -> bytes:
        return content


async def _layers(request: Request) -> Layers:
    layers: Layers = request.app.state.geo.layers
    return layers


Reads = Annotated[Layers, Depends(_layers)]
City = Annotated[Slug, Query(description="The city's slug.")]
KnownTag = Annotated[str, Header(alias="If-None-Match", max_length=1000)]


async def _layer(layers: Layers, city: str, kind: DatasetType, language: Language, known_tag: str) -> Response:
    layer = await layers.get(city, kind, language, known_tag)
    headers = {"ETag": layer.tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    if not layer.body:
        return Response(status_code=304, headers=headers)
    return GeoJson(layer.body, headers=headers)


_CACHED = {name: {"schema": {"type": "string"}} for name in ("ETag", "Cache-Control", "Vary")}
_LAYER: dict[int | str, dict[str, object]] = {
    200: {"headers": _CACHED},
    304: {"description": "The layer is still the one of If-None-Match.", "headers": _CACHED},
    **problems(404),
}


@router.get("/districts", response_model=DistrictsOut, response_class=GeoJson, responses=_LAYER)
async def list_districts(layers: Reads, language: InLanguage, city: City, if_none_match: KnownTag = "") -> Response:
    """Districts of a city as GeoJSON, outlines simplified to about ten metres."""
    return await _layer(layers, city, "districts", language, if_none_match)


@router.get("/stops", response_model=StopsOut, response_class=GeoJson, responses=_LAYER)
async def list_stops(layers: Reads, language: InLanguage, city: City, if_none_match: KnownTag = "") -> Response:
    """Public transport stops of a city as GeoJSON points."""
    return await _layer(layers, city, "stops", language, if_none_match)
