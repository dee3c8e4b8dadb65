"""Datasets as they come in."""

from __future__ import annotations

from typing import Annotated, Literal

from mesto.contracts.base import Contract
from mesto.contracts.fields import Number, Plain, Slug
from mesto.contracts.text import Text
from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

Label = Annotated[Plain, Field(min_length=1, max_length=200)]
# Far more than degrees: metres, which are the usual mistake, get a sentence of their own.
Ordinate = Annotated[Number, Field(ge=-1e9, le=1e9)]
Position = Annotated[list[Ordinate], Field(min_length=2, max_length=3)]
Ring = Annotated[list[Position], Field(max_length=500_000)]
Rings = Annotated[list[Ring], Field(max_length=20_000)]


class PolygonIn(Contract):
    """A GeoJSON polygon, WGS 84."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonIn(Contract):
    """A GeoJSON multipolygon, WGS 84."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(max_length=20_000)]


_OTHERS = ("Point", "MultiPoint", "LineString", "MultiLineString", "GeometryCollection", "Feature")


def _in_words(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """Return what is wrong with a geometry in one sentence, instead of one for each of its numbers."""
    geometry = value if isinstance(value, dict) else {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        known = kind if kind in _OTHERS else "nothing" if kind is None else "none of GeoJSON's"
        raise ValueError(f"its geometry is {known}; write a Polygon or a MultiPolygon")
    if set(geometry) - {"type", "coordinates"}:
        raise ValueError("its geometry has other members; write type and coordinates only")
    try:
        return handler(value)
    except ValidationError as error:
        raise ValueError("its coordinates are not rings of [longitude, latitude] pairs") from error


Outline = Annotated[Annotated[PolygonIn | MultiPolygonIn, Field(discriminator="type")], WrapValidator(_in_words)]


class DistrictIn(Contract):
    """A district to load. ``slug`` is made of the name when it is left out. ``geometry`` is GeoJSON, WGS 84."""

    name: Text
    slug: Slug | None = None
    geometry: Outline

    @model_validator(mode="after")
    def _named(self) -> DistrictIn:
        if not (self.name.ru or self.name.en):
            raise ValueError("give a name: ru, en or both")
        return self


class StopIn(Contract):
    """A stop to load, in WGS 84 degrees. ``color`` is of the line, six hexadecimal digits after a #."""

    name: Label
    line: Label | None = None
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", max_length=7)] | None = None
    lat: Number = Field(ge=-90, le=90)
    lon: Number = Field(ge=-180, le=180)


class DistrictsIn(Contract):
    """The whole of a dataset of districts."""

    type: Literal["districts"]
    city: Slug
    level: Literal["okrug", "district"] = "district"
    features: list[DistrictIn] = Field(min_length=1, max_length=20_000)


_STOPS: dict[str, JsonValue] = {
    "type": "stops",
    "city": "moscow",
    "features": [{"name": "Turgenevskaya", "line": "6", "color": "#F07E24", "lat": 55.7654, "lon": 37.6367}],
}


class StopsIn(Contract):
    """The whole of a dataset of stops."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_STOPS]})

    type: Literal["stops"]
    city: Slug
    features: list[StopIn] = Field(min_length=1, max_length=200_000)


DatasetIn = Annotated[DistrictsIn | StopsIn, Field(discriminator="type")]
