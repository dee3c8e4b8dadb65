"""Layers of the map: GeoJSON (RFC 7946)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class DistrictProperties(BaseModel):
    """What a district's feature says of it."""

    slug: str
    name: str
    level: Literal["okrug", "district"]
    parent: str | None = Field(description="Slug of the okrug that holds most of a district.")


class StopProperties(BaseModel):
    """What a stop's feature says of it."""

    name: str
    line: str | None
    color: str | None


class Geometry(BaseModel):
    """A GeoJSON geometry."""

    type: str
    coordinates: list[Any]


class DistrictFeature(BaseModel):
    type: Literal["Feature"]
    properties: DistrictProperties
    geometry: Geometry


class StopFeature(BaseModel):
    type: Literal["Feature"]
    properties: StopProperties
    geometry: Geometry


class DistrictsOut(BaseModel):
    """GeoJSON, outlines simplified for drawing."""

    type: Literal["FeatureCollection"]
    features: list[DistrictFeature]


class StopsOut(BaseModel):
    """GeoJSON points."""

    type: Literal["FeatureCollection"]
    features: list[StopFeature]
