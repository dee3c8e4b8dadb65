"""From the bytes of a dataset to rows: parsed, checked, repaired. Pure computing; run it in a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import shapely
from geoalchemy2.shape import from_shape
from mesto.common.errors import FieldError, Problem
from mesto.common.sentences import validator_message
from mesto.geo.datasets import rules
from mesto.geo.datasets.records import DatasetType, Level, NewDistrict, NewStop
from mesto.geo.datasets.rules import Extent, Place
from mesto.geo.datasets.schemas import DatasetIn, DistrictIn, DistrictsIn, StopIn
from pydantic import TypeAdapter, ValidationError
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry
from slugify import slugify

REPORTED = 20
_ADAPTER: TypeAdapter[DatasetIn] = TypeAdapter(DatasetIn)


@dataclass(frozen=True)
class Prepared:
    """A dataset ready to be stored; the slugs of its districts are not unique yet.

    ``extents`` says for each feature how far it reaches.
    """

    type: DatasetType
    city: str
    checksum: str
    districts: Sequence[NewDistrict] = ()
    stops: Sequence[NewStop] = ()
    repaired: int = 0
    level: Level | None = None
    extents: Sequence[Extent] = field(default=(), repr=False)

    @property
    def features(self) -> int:
        """How many there are."""
        return len(self.districts) + len(self.stops)


class BadFeature(Exception):
    """A feature that cannot be stored; the message says why."""


def prepare(raw: bytes) -> Prepared:
    """Parse and check a body. Raises Problem 422 that names up to 20 features that are not right."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Problem(422, "invalid-request", f"The body is not JSON: {error}.") from error
    try:
        dataset = _ADAPTER.validate_python(document)
    except ValidationError as error:
        raise _refused([_named(item) for item in error.errors()[:REPORTED]]) from error
    checksum = hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if isinstance(dataset, DistrictsIn):
        districts, repaired, extents = _districts(dataset.features)
        return Prepared("districts", dataset.city, checksum, districts, (), repaired, dataset.level, extents)
    extents = [(stop.lon, stop.lat, stop.lon, stop.lat) for stop in dataset.features]
    return Prepared("stops", dataset.city, checksum, stops=[_stop(stop) for stop in dataset.features], extents=extents)


def check_places(prepared: Prepared, center: Place) -> None:
    """Raises Problem 422 that names up to 20 features which cannot lie in a city around ``center``."""
    errors: list[FieldError] = []
    for number, extent in enumerate(prepared.extents):
        if wrong := rules.fault(extent, center):
            errors.append(FieldError(field=f"features.{number}", message=f"feature {number + 1}: {wrong}"))
            if len(errors) == REPORTED:
                break
    if errors:
        raise _refused(errors)


def _named(item: Any) -> FieldError:
    """Return a validation error whose message has the feature's number, when it is about one.

    Not its name: the message may be shown to people who cannot read what was loaded.
    """
    path = [str(part) for part in item["loc"] if part not in ("districts", "stops")]
    message = validator_message(str(item["msg"]))
    if len(path) > 1 and path[0] == "features":
        message = f"feature {int(path[1]) + 1}: {message}"
    return FieldError(field=".".join(path) or "body", message=message)


def _refused(errors: list[FieldError]) -> Problem:
    detail = f"The dataset was refused, nothing was changed: {errors[0].message}"
    return Problem(422, "invalid-dataset", detail, errors=errors)


def _districts(features: Sequence[DistrictIn]) -> tuple[list[NewDistrict], int, list[Extent]]:
    districts: list[NewDistrict] = []
    extents: list[Extent] = []
    errors: list[FieldError] = []
    repaired = 0
    for number, feature in enumerate(features):
        try:
            area, mended = outline(feature.geometry.model_dump())
            slug = feature.slug or slugify(feature.name.en or feature.name.ru or "")
            if not slug:
                raise BadFeature("no slug can be made of its name; give one")
        except BadFeature as error:
            where = f"features.{number}.geometry"
            errors.append(FieldError(field=where, message=f"feature {number + 1}: {error}"))
            if len(errors) == REPORTED:
                break
            continue
        repaired += mended
        extents.append(area.bounds)
        districts.append(NewDistrict(slug, feature.name.model_dump(), from_shape(area, srid=4326)))
    if errors:
        raise _refused(errors)
    return districts, repaired, extents


def _stop(feature: StopIn) -> NewStop:
    color = feature.color.upper() if feature.color else None
    return NewStop(feature.name, feature.line, color, feature.lat, feature.lon)


def outline(geometry: dict[str, Any]) -> tuple[MultiPolygon, bool]:
    """Return the area of a GeoJSON polygon or multipolygon, and whether it had to be repaired.

    Raises BadFeature for anything that is no area on the globe even after repair.
    """
    try:
        found = shapely.force_2d(shape(geometry))
    except Exception as error:  # shapely raises whatever the nesting of the lists makes it trip over
        raise BadFeature("its coordinates are not rings of [longitude, latitude] pairs") from error
    if found.is_empty:
        raise BadFeature("its geometry is empty")
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadFeature("its coordinates are not WGS 84 degrees; write [longitude, latitude]")
    if any(_leaps(ring) for part in _parts(found) for ring in (part.exterior, *part.interiors)):
        raise BadFeature("it crosses the 180th meridian; cut it in two there (RFC 7946, section 3.1.9)")
    valid = found.is_valid
    if not valid:
        found = shapely.make_valid(found)
    polygons = [part for part in _parts(found) if part.geom_type == "Polygon" and part.area > 0]
    if not polygons:
        raise BadFeature("its geometry encloses no area")
    return MultiPolygon(polygons), not valid


def _leaps(ring: BaseGeometry) -> bool:
    """Return whether a ring goes from one end of the map to the other in one step, so around the globe's back."""
    longitudes = shapely.get_coordinates(ring)[:, 0]
    return bool((abs(longitudes[1:] - longitudes[:-1]) > 180).any())


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = getattr(geometry, "geoms", None)
    if parts is None:
        return [geometry]
    return [piece for part in parts for piece in _parts(part)]


def with_unique_slugs(districts: Sequence[NewDistrict], taken: set[str]) -> list[NewDistrict]:
    """Return the districts with slugs unique in the city; ``taken`` are those of its other datasets."""
    return [replace(district, slug=rules.unique_slug(district.slug, taken)) for district in districts]
