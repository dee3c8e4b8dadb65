"""The internal API: datasets of districts and stops come in here."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from mesto.common.audit.snapshots import ById, BySlug
from mesto.common.tokens import callers
from mesto.contracts.snapshots import SnapshotPage
from mesto.geo.datasets import prepare
from mesto.geo.models import DatasetIn, DatasetLoaded
from mesto.geo.service import Geo
from pydantic import TypeAdapter

router = APIRouter(tags=["datasets"])
BODY_BYTES = 64 * 1024 * 1024
Loader = Annotated[str, Depends(callers("cli", "operator"))]
Consumers = Annotated[str, Depends(callers("catalog"))]
Name = Annotated[str, Path(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", max_length=63)]
# The body is read by hand, to parse it in a thread, so OpenAPI is told here.
_SCHEMA = TypeAdapter(DatasetIn).json_schema(ref_template="#/components/schemas/{model}")
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


async def _geo(request: Request) -> Geo:
    geo: Geo = request.app.state.geo
    return geo


Service = Annotated[Geo, Depends(_geo)]


@router.put("/datasets/{name}", openapi_extra=_BODY)
async def put_dataset(name: Name, request: Request, caller: Loader, geo: Service) -> DatasetLoaded:
    """Replace a dataset whole, all or nothing; the same content again changes nothing."""
    prepared = await asyncio.to_thread(prepare, await request.body())
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
