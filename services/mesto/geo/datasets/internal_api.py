"""The internal API: datasets of districts and stops come in here."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.datasets import DatasetLoaded, DatasetState
from mesto.contracts.fields import INT64
from mesto.geo.datasets.parsing import prepare
from mesto.geo.datasets.records import Declaration
from mesto.geo.datasets.schemas import DatasetIn
from mesto.geo.datasets.service import Datasets
from pydantic import TypeAdapter

router = Router(tags=["datasets"])
BODY_BYTES = 64 * 1024 * 1024
Loader = Annotated[str, Depends(callers("cli", "operator"))]
Operator = Annotated[str, Depends(callers("operator"))]
# A name that people chose, or <namespace>.<name> of a GeoDataset.
Name = Annotated[str, Path(pattern=r"^[a-z0-9]([-.a-z0-9]{0,315}[a-z0-9])?$", max_length=317)]
Owner = Annotated[UUID, Query(description="The uid of the GeoDataset that declares it.")]
# The body is read by hand, to parse it in a thread, so OpenAPI is told here.
_SCHEMA = TypeAdapter(DatasetIn).json_schema(ref_template="#/components/schemas/{model}")
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


async def _datasets(request: Request) -> Datasets:
    datasets: Datasets = request.app.state.geo.datasets
    return datasets


Service = Annotated[Datasets, Depends(_datasets)]


@router.put("/datasets/{name}", openapi_extra=_BODY, responses=problems(409))
async def put_dataset(
    name: Name,
    request: Request,
    caller: Loader,
    datasets: Service,
    owner: Annotated[UUID | None, Query(description="The uid of the GeoDataset that declares it.")] = None,
    generation: Annotated[int, Query(ge=1, le=INT64, description="Of the GeoDataset.")] = 1,
    source: Annotated[str, Query(max_length=200, description="The edition of its source.")] = "",
) -> DatasetLoaded:
    """Replace a dataset whole, all or nothing; the same content again changes nothing."""
    prepared = await asyncio.to_thread(prepare, await request.body())
    return await datasets.load(name, prepared, Declaration(owner, generation, source) if owner else None)


@router.get("/datasets/{name}", responses=problems(404))
async def get_dataset(
    name: Name,
    caller: Operator,
    datasets: Service,
    verify: Annotated[
        bool, Query(description="Read all rows, to tell whether they are those that were stored.")
    ] = False,
) -> DatasetState:
    """What is loaded under a name."""
    return await datasets.state(name, verify=verify)


@router.delete("/datasets/{name}", status_code=204)
async def delete_dataset(
    name: Name,
    caller: Operator,
    datasets: Service,
    owner: Owner,
    policy: Annotated[Literal["retain", "delete"], Query(description="Whether the rows stay.")] = "retain",
) -> None:
    """The GeoDataset that declares a dataset goes; nothing when another one declares it."""
    await datasets.release(name, owner, policy)
