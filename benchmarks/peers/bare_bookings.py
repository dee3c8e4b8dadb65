"""The peer of POST /bookings: FastAPI and asyncpg, the captured statements in one transaction, and nothing else.

No token is checked, no rule, no idempotent replay, no metrics, no logs, no relay: what is asked for is stored.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Header, Request, Response
from pydantic import AwareDatetime, BaseModel

from peers.script import Script

SCRIPT = Script.load(Path(os.environ["BARE_SCRIPT"]))
UNIT = timedelta(minutes=60)


class NewBooking(BaseModel):
    """The same body as ours."""

    resource_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    seats: int


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    size = int(os.environ["BARE_POOL"])
    async with asyncpg.create_pool(os.environ["BARE_DATABASE_URL"], min_size=size, max_size=size) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/booking/bookings")
async def book(
    request: Request, body: NewBooking, user: Annotated[UUID, Header()], idempotency_key: Annotated[str, Header()]
) -> Response:
    hours = (body.end - body.start) // UNIT
    values: dict[str, Any] = {
        "user": user,
        "turn": int.from_bytes(user.bytes[:8], signed=True),
        "actor": f"user:{user}",
        "key": idempotency_key,
        "resource": body.resource_id,
        "start": body.start,
        "end": body.end,
        "starts": [body.start + number * UNIT for number in range(hours)],
        "booking": uuid.uuid4(),
    }
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        for step in SCRIPT.steps:
            rows = await connection.fetch(step.sql, *step.values(values))
            if rows and "space_id" in rows[0].keys():  # noqa: SIM118 - a record is no mapping
                values["space"] = rows[0]["space_id"]
    return Response(SCRIPT.body, 201, media_type="application/json")
