"""From the bytes of a dataset to rows: parsed, checked, repaired. Pure computing; run it in a thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from geoalchemy2.shape import from_shape
from mesto.common.errors import FieldError, Problem
from mesto.geo.domain import slugs
from mesto.geo.models import DatasetIn, DistrictIn, DistrictsIn, StopIn
from pydantic import TypeAdapter, ValidationError
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry
from slugify import slugify

REPORTED = 20
_ADAPTER: TypeAdapter[DatasetIn] = TypeAdapter(DatasetIn)


@dataclass(frozen=True)
class Prepared:
    """A dataset ready to be stored. ``rows`` are of its type's table but for dataset, city and slug."""

    type: str
    city: str
    checksum: str
    rows: list[dict[str, Any]]
    repaired: int = 0
    level: str | None = None


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
        raise _refused([_named(item, document) for item in error.errors()[:REPORTED]]) from error
    checksum = hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if isinstance(dataset, DistrictsIn):
        rows, repaired = _districts(dataset.features)
        return Prepared("districts", dataset.city, checksum, rows, repaired, dataset.level)
    return Prepared("stops", dataset.city, checksum, [_stop(feature) for feature in dataset.features])


def _named(item: Any, document: Any) -> FieldError:
    """A validation error whose message names the feature, when it is about one."""
    path = [str(part) for part in item["loc"] if part not in ("districts", "stops")]
    message = str(item["msg"]).removeprefix("Value error, ")
    if len(path) > 1 and path[0] == "features":
        try:
            name = document["features"][int(path[1])]["name"]
        except (LookupError, TypeError, ValueError):
            name = ""
        label = (name.get("ru") or name.get("en")) if isinstance(name, dict) else name
        message = f"feature {int(path[1]) + 1}{f' ({label})' if label else ''}: {message}"
    return FieldError(field=".".join(path) or "body", message=message)


def _refused(errors: list[FieldError]) -> Problem:
    detail = f"The dataset was refused, nothing was changed: {errors[0].message}"
    return Problem(422, "invalid-dataset", detail, errors=errors)


def _districts(features: Sequence[DistrictIn]) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    errors: list[FieldError] = []
    repaired = 0
    for number, feature in enumerate(features):
        label = feature.name.ru or feature.name.en or ""
        try:
            area, mended = outline(feature.geometry.model_dump())
            slug = feature.slug or slugify(feature.name.en or feature.name.ru or "")
            if not slug:
                raise BadFeature("no slug can be made of its name; give one")
        except BadFeature as error:
            where = f"features.{number}.geometry"
            errors.append(FieldError(field=where, message=f"feature {number + 1} ({label}): {error}"))
            if len(errors) == REPORTED:
                break
            continue
        repaired += mended
        rows.append({"wanted": slug, "name": feature.name.model_dump(), "area": from_shape(area, srid=4326)})
    if errors:
        raise _refused(errors)
    return rows, repaired


def _stop(feature: StopIn) -> dict[str, Any]:
    return {
        "name": feature.name,
        "line": feature.line,
        "color": feature.color.upper() if feature.color else None,
        "position": f"SRID=4326;POINT({feature.lon!r} {feature.lat!r})",
    }


def outline(geometry: dict[str, Any]) -> tuple[MultiPolygon, bool]:
    """The area of a GeoJSON polygon or multipolygon, and whether it had to be repaired.

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
    valid = found.is_valid
    if not valid:
        found = shapely.make_valid(found)
    polygons = [part for part in _parts(found) if part.geom_type == "Polygon" and part.area > 0]
    if not polygons:
        raise BadFeature("its geometry encloses no area")
    return MultiPolygon(polygons), not valid


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = getattr(geometry, "geoms", None)
    if parts is None:
        return [geometry]
    return [piece for part in parts for piece in _parts(part)]


def with_slugs(rows: Sequence[dict[str, Any]], taken: set[str]) -> list[dict[str, Any]]:
    """Rows of districts with slugs that are unique in the city; ``taken`` are those of its other datasets."""
    return [{"slug": slugs.unique(row["wanted"], taken), "name": row["name"], "area": row["area"]} for row in rows]
