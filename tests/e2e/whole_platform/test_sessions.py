"""A session that is ended is over in every service, and for its sockets; the same account's other sessions go on."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import socketio
from support.clients.people import PASSWORD, Person, register
from support.servers.platform import Platform
from support.waiting import eventually, eventually_async

GUARDED = ("/api/auth/me", "/api/booking/bookings", "/api/catalog/spaces/nobodys/settings")
SOCKETS = "/api/notifications/socket.io"


def elsewhere(platform: Platform, person: Person) -> httpx.Client:
    """The same person, signed in on another device."""
    http = httpx.Client(base_url=platform.gateway, timeout=15)
    login = http.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})
    http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    return http


@pytest.mark.parametrize("how", ["ended elsewhere", "signed out"])
def test_an_ended_session_is_refused_by_every_service_and_its_socket_closed(
    platform: Platform, how: str, record_property: pytest.RecordProperty
) -> None:
    person = register(platform.gateway)
    other = elsewhere(platform, person)
    token = other.headers["Authorization"].removeprefix("Bearer ")
    assert [other.get(path).status_code for path in GUARDED] == [200, 200, 404]
    (session,) = [item for item in other.get("/api/auth/sessions").json()["items"] if item["current"]]

    async def end() -> float:
        page = socketio.AsyncClient(reconnection=False)
        await page.connect(platform.gateway, socketio_path=SOCKETS, auth={"token": token}, transports=["websocket"])
        if how == "signed out":
            ended = await asyncio.to_thread(other.post, "/api/auth/logout")
        else:
            ended = await asyncio.to_thread(person.http.delete, f"/api/auth/sessions/{session['id']}")
        assert ended.status_code == 204
        began = time.monotonic()
        await eventually_async(lambda: not page.connected, "the ended session's socket to be closed")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await page.connect(platform.gateway, socketio_path=SOCKETS, auth={"token": token})
        return began

    with ThreadPoolExecutor(1) as thread:  # browsers of other tests have a loop running here
        began = thread.submit(asyncio.run, end()).result()
    for path in GUARDED:
        eventually(lambda path=path: other.get(path).status_code == 401, f"{path} to refuse the ended session")
    record_property("seconds", round(time.monotonic() - began, 2))
    assert other.post("/api/auth/refresh").status_code == 401
    assert [person.http.get(path).status_code for path in GUARDED] == [200, 200, 404]


def test_a_service_that_restarts_does_not_take_an_ended_sessions_token(platform: Platform) -> None:
    """It learns what was withdrawn while it was away."""
    person = register(platform.gateway)
    other = elsewhere(platform, person)
    platform.kill("booking")
    try:
        assert other.post("/api/auth/logout").status_code == 204
    finally:
        platform.start("booking")
    eventually(lambda: other.get("/api/booking/bookings").status_code == 401, "booking to refuse the ended session")
    assert person.http.get("/api/booking/bookings").status_code == 200
