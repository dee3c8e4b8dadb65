"""The hops from a commit to a browser with nothing between them; two processes, as ours are.

``sender``: an INSERT is committed, then a persistent message is published and confirmed.
``teller``: the message is consumed, emitted to the user's room over Socket.IO, and acknowledged.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import asyncpg
import orjson
import socketio
from fastapi import FastAPI, Request, Response

QUEUE = "bare.hops"


@asynccontextmanager
async def _sending(app: FastAPI) -> AsyncIterator[None]:
    connection = await aio_pika.connect_robust(os.environ["HOPS_BROKER_URL"])
    channel = await connection.channel(publisher_confirms=True)
    await channel.declare_queue(QUEUE, durable=True)
    app.state.exchange = channel.default_exchange
    async with asyncpg.create_pool(os.environ["HOPS_DATABASE_URL"], min_size=4, max_size=4) as pool:
        app.state.pool = pool
        yield
    await connection.close()


sender = FastAPI(lifespan=_sending)


@sender.post("/send")
async def send(request: Request) -> Response:
    body = await request.body()
    state = request.app.state
    await state.pool.execute("INSERT INTO public.hops (id) VALUES ($1)", orjson.loads(body)["id"])
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await state.exchange.publish(message, routing_key=QUEUE)
    return Response(body, 201)


server = socketio.AsyncServer(async_mode="asgi")


async def connect(sid: str, _environ: Any, auth: dict[str, str]) -> None:
    await server.enter_room(sid, auth["user"])


server.on("connect", connect)


async def _emit_update(message: aio_pika.abc.AbstractIncomingMessage) -> None:
    update = orjson.loads(message.body)
    await server.emit("booking.updated", update, room=update["user"])
    await message.ack()


async def _consume() -> None:
    connection = await aio_pika.connect_robust(os.environ["HOPS_BROKER_URL"])
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=20)
    queue = await channel.declare_queue(QUEUE, durable=True)
    await queue.consume(_emit_update)


teller = socketio.ASGIApp(server, on_startup=_consume)
