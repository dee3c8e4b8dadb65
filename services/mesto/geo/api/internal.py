"""The internal API: datasets of districts and stops come in here."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from mesto.common.audit.snapshots import ById, BySlug
from mesto.common.errors import Problem
from mesto.common.tokens import callers
from mesto.contracts.snapshots import SnapshotPage
from mesto.geo.datasets import prepare
from mesto.geo.models import DatasetLoaded
from mesto.geo.service import Geo

router = APIRouter(tags=["datasets"])
MAX_BYTES = 64 * 1024 * 1024
Loader = Annotated[str, Depends(callers("cli", "operator"))]
Consumers = Annotated[str, Depends(callers("catalog"))]
Name = Annotated[str, Path(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
# The body is read by hand, to stop at 64 MiB and to parse in a thread, so OpenAPI is told here in short;
# models.DatasetIn has it in full.
_SCHEMA = {
    "type": "object",
    "required": ["type", "city", "features"],
    "properties": {
        "type": {"enum": ["districts", "stops"]},
        "city": {"type": "string", "description": "The city's slug."},
        "features": {
            "type": "array",
            "description": "Districts {name: {ru, en}, slug?, geometry} or stops {name, line?, color?, lat, lon}.",
            "items": {"type": "object"},
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


def _geo(request: Request) -> Geo:
    geo: Geo = request.app.state.geo
    return geo


async def _body(request: Request) -> bytes:
    """The whole body. Raises Problem 413 as soon as it is known to be above 64 MiB."""
    too_large = Problem(413, "too-large", "A dataset is at most 64 MiB. Split it into several datasets of the city.")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BYTES:
        raise too_large
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


Service = Annotated[Geo, Depends(_geo)]


@router.put("/datasets/{name}", openapi_extra=_BODY)
async def put_dataset(name: Name, request: Request, caller: Loader, geo: Service) -> DatasetLoaded:
    """Replace a dataset whole, all or nothing; the same content again changes nothing."""
    prepared = await asyncio.to_thread(prepare, await _body(request))
    return await geo.load(name, prepared)


@router.get("/snapshot/cities")
async def city_snapshot(caller: Consumers, geo: Service, asked: BySlug) -> SnapshotPage:
    """Every city as its last event told it, or those with these slugs; always one page."""
    return asked.page(await geo.snapshot_cities(asked.id), lambda event: event.slug, whole=True)


@router.get("/snapshot/located")
async def located_snapshot(caller: Consumers, geo: Service, asked: ById) -> SnapshotPage:
    """Where every space is, as its last event told it, by the space's id, or of these spaces."""
    events = await geo.snapshot_located(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))


@router.get("/snapshot/applied")
async def answer_snapshot(caller: Consumers, geo: Service, asked: ById) -> SnapshotPage:
    """What geo answered last about every space, by the space's id, or about these."""
    events = await geo.snapshot_answers(asked.after, asked.limit, asked.id)
    return asked.page(events, lambda event: event.space_id, whole=bool(asked.id))
