"""Socket.IO with real clients: who may connect, who is told what, over two replicas and lost connections."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import socketio
from support.servers.booking import Signer
from support.servers.notifications import Post, moved, person
from support.waiting import eventually_async

PATH = "/api/notifications/socket.io"


class Page:
    """A browser's page: remembers what it was told."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.told: list[dict[str, Any]] = []
        self.refusals: list[Any] = []
        self.client.on("booking.updated", self.told.append)
        self.client.on("connect_error", self.refusals.append)

    async def open(self, address: str, token: str | None, **options: Any) -> Page:
        auth = None if token is None else {"token": token}
        await self.client.connect(address, socketio_path=PATH, auth=auth, transports=["websocket"], **options)
        return self

    def knows(self, booking_id: uuid.UUID) -> list[dict[str, Any]]:
        return [booking for booking in self.told if booking["id"] == str(booking_id)]


async def test_only_the_users_own_pages_are_told_on_every_replica(
    post: Post, first_replica: str, second_replica: str
) -> None:
    anna, boris = person("ru"), person("en")
    here = await Page().open(first_replica, post.signer.token(anna.user_id))
    there = await Page().open(second_replica, post.signer.token(anna.user_id))
    other = await Page().open(first_replica, post.signer.token(boris.user_id))
    for kind in ("held", "confirmed", "completed"):
        event = moved(kind, anna.user_id)
        post.publish(event)
        for page in (here, there):
            await eventually_async(lambda page=page, event=event: page.knows(event.booking.id), f"{kind} to be told")
        assert here.knows(event.booking.id) == [event.booking.model_dump(mode="json")]
        assert len(there.knows(event.booking.id)) == 1
    theirs = moved("held", boris.user_id)
    post.publish(theirs)
    await eventually_async(lambda: other.knows(theirs.booking.id), "Boris to be told")
    assert [booking["id"] for booking in other.told] == [str(theirs.booking.id)]
    assert not here.knows(theirs.booking.id)
    for page in (here, there, other):
        await page.client.disconnect()


@pytest.mark.parametrize("kind", ["nothing", "nonsense", "expired", "forged"])
async def test_without_a_good_token_the_connection_is_refused_with_a_reason(
    post: Post, first_replica: str, kind: str
) -> None:
    stranger = Signer()
    token = {
        "nothing": None,
        "nonsense": "nonsense",
        "expired": post.signer.token(uuid.uuid4(), -5),
        "forged": stranger.token(uuid.uuid4()),
    }[kind]
    stranger.server.server_close()
    page = Page()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await page.open(first_replica, token)
    assert page.refusals[0]["message"] == "unauthorized"
    assert page.refusals[0]["data"]["detail"]


async def test_a_page_of_another_site_is_refused(post: Post, first_replica: str) -> None:
    params = {"EIO": "4", "transport": "polling"}

    async def status_for_origin(origin: str | None) -> int:
        headers = {} if origin is None else {"Origin": origin}
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{first_replica}{PATH}/", params=params, headers=headers)).status_code

    assert await status_for_origin("https://evil.example") == 400
    assert [await status_for_origin(origin) for origin in (None, first_replica, "https://mesto.test")] == [
        200,
        200,
        200,
    ]


async def test_the_connection_ends_with_its_token(post: Post, first_replica: str) -> None:
    page = await Page().open(first_replica, post.signer.token(uuid.uuid4(), 3))
    started = time.monotonic()
    await eventually_async(lambda: not page.client.connected, "the connection to end", 20)
    assert time.monotonic() - started > 1


async def test_sockets_of_an_ended_session_are_closed_and_no_others(post: Post, first_replica: str) -> None:
    anna, session, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    token = post.signer.token(anna, sid=str(session))
    ended = await Page().open(first_replica, token)
    going_on = await Page().open(first_replica, post.signer.token(anna, sid=str(other)))
    post.signer.withdrawn.append({"subject": str(session), "before": None})
    await eventually_async(lambda: not ended.client.connected, "the ended session's socket to be closed")
    assert going_on.client.connected
    again = Page()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await again.open(first_replica, token)
    assert again.refusals[0]["message"] == "unauthorized"
    # What the account may do has changed: its pages come back with a token that says so.
    post.signer.withdrawn.append({"subject": str(anna), "before": datetime.now(UTC).isoformat()})
    await eventually_async(lambda: not going_on.client.connected, "the account's older tokens to be refused")
    back = await Page().open(first_replica, post.signer.token(anna, sid=str(other), iat=time.time() + 0.1))
    await back.client.disconnect()


async def test_pages_are_told_after_the_broker_lost_every_connection(
    post: Post, rabbitmq: Any, first_replica: str, second_replica: str
) -> None:
    anna = person("en")
    pages = [await Page().open(address, post.signer.token(anna.user_id)) for address in (first_replica, second_replica)]
    vhost = post.broker_url.rpartition("/")[2]
    with rabbitmq.management() as management:

        def connections() -> list[str]:
            return [item["name"] for item in management.get(f"/vhosts/{vhost}/connections").json()]

        await eventually_async(connections, "the management API to list connections")
        for name in connections():
            management.delete(f"/connections/{quote(name, safe='')}")

    async def both_told() -> bool:
        event = moved("changed", anna.user_id)
        await asyncio.to_thread(post.publish, event)
        await asyncio.sleep(0.5)
        return all(page.knows(event.booking.id) for page in pages)

    await eventually_async(both_told, "both replicas to be told again")
    for page in pages:
        await page.client.disconnect()
