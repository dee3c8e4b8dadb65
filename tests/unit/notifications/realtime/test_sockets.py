"""Sockets with the library's real server on loopback: what is no packet, who never signs in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import socketio
import uvicorn
import websockets
from mesto.notifications.realtime import service
from mesto.notifications.realtime.frames import FrameGuard, is_packet, is_payload
from mestolocal.ports import free_ports
from support.waiting import eventually_async

PATH = service.PATH


@pytest.mark.parametrize("frame", ["40", '40{"token":"t"}', "41", "3", "2probe", "5", "1"])
def test_what_a_page_says_is_a_packet(frame: str) -> None:
    assert is_packet(frame)


@pytest.mark.parametrize(
    "frame",
    [
        *(
            "",
            "x",
            "²",
            "0{}",
            "6",
            "4",
            "4x",
            "47",
            "43[]",
            "44",
            '4{"a":1}',
            "4[]",
            "4null",
            "42",
            "42{}",
            "42[]",
            '42["disconnect"]',
            "40/other,",
        ),
        *(
            "42[[1]]",
            "42[null]",
            "40[]",
            '40"text"',
            '451-["e",{"_placeholder":true,"num":0}]',
            "40{",
            "42" + "[" * 5000,
        ),
        *("4" + "2" + "9" * 200, "b4AA=", b"\x04bytes", b""),
    ],
)
def test_anything_else_is_none(frame: str | bytes) -> None:
    assert not is_packet(frame)


def test_a_posted_body_is_a_few_packets() -> None:
    assert is_payload(b"40\x1e3")
    for body in (b"", b"\xff", b"40\x1e", b"d=", b"\x1e".join([b"3"] * 17)):
        assert not is_payload(body)


@dataclass
class Stage:
    server: service.SocketServer
    port: int
    records: list[logging.LogRecord]

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}/{PATH}/?EIO=4"

    def bugs(self) -> list[str]:
        return [record.getMessage() for record in self.records if record.levelno >= logging.ERROR]

    def websocket(self) -> Any:
        return websockets.connect(f"ws://{self.url}&transport=websocket")

    async def session(self, http: httpx.AsyncClient) -> str:
        """The address of a long-polling session that has just begun."""
        answer = await http.get(f"http://{self.url}&transport=polling")
        return (
            f"http://{self.url}&transport=polling&sid={httpx.Response(200, content=answer.content[1:]).json()['sid']}"
        )


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Stage]:
    monkeypatch.setattr(service, "CONNECT_SECONDS", 0.5)
    server = service.SocketServer(async_mode="asgi", async_handlers=False, max_http_buffer_size=service.PACKET_BYTES)

    async def connect(_sid: str, _environ: Any, auth: Any = None) -> None:
        if auth != {"token": "good"}:
            raise socketio.exceptions.ConnectionRefusedError("unauthorized")

    server.on("connect", connect)
    app = FrameGuard(socketio.ASGIApp(server, socketio_path=PATH), f"/{PATH}", service.PACKET_BYTES)
    port = free_ports(("public",))["public"]
    http = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(http.serve())
    await eventually_async(lambda: http.started, "the server to listen")
    yield Stage(server, port, caplog.records)
    http.should_exit = True
    await serving


async def ended(socket: Any) -> int:
    """The code with which the other side has closed a websocket."""
    async with asyncio.timeout(20):
        while True:
            try:
                await socket.recv()
            except websockets.ConnectionClosed as closed:
                return int(closed.rcvd.code if closed.rcvd else 1006)


@pytest.mark.parametrize(
    "frame", ["x", "4", '4{"a":1}', "47", b"\x04", '451-["e",{"_placeholder":true,"num":0}]', "42[[1]]"]
)
async def test_a_frame_that_is_no_packet_ends_the_socket_and_is_no_bug_of_ours(
    stage: Stage, frame: str | bytes
) -> None:
    async with stage.websocket() as socket:
        await socket.send('40{"token":"good"}')
        await socket.send(frame)
        assert await ended(socket) == 1002
    await eventually_async(lambda: not stage.server.eio.sockets, "the session to be forgotten")
    assert stage.bugs() == []


async def test_signing_in_twice_on_one_socket_ends_it(stage: Stage) -> None:
    async with stage.websocket() as socket:
        await socket.send('40{"token":"good"}')
        await socket.send('40{"token":"good"}')
        await ended(socket)
    assert stage.bugs() == []


async def test_a_posted_body_that_is_no_payload_is_refused(stage: Stage) -> None:
    async with httpx.AsyncClient() as http:
        session = await stage.session(http)
        for body in (b"x", b"\xff", b"4", b"", b"z" * 20_000, b"\x1e".join([b"3"] * 17)):
            assert (await http.post(session, content=body)).status_code == 400
        assert (await http.post(session, content=b'40{"token":"good"}')).status_code == 200
    assert stage.bugs() == []


@pytest.mark.parametrize("said", [[], ['40{"token":"bad"}'], ['40{"token":"good"}', "41"]])
async def test_a_socket_on_which_nobody_is_signed_in_is_closed(stage: Stage, said: list[str]) -> None:
    async with stage.websocket() as socket:
        for frame in said:
            await socket.send(frame)
        await ended(socket)
    await eventually_async(lambda: not stage.server.eio.sockets, "the session to be forgotten")
    assert stage.bugs() == []


async def test_a_polling_session_without_a_sign_in_is_forgotten(stage: Stage) -> None:
    async with httpx.AsyncClient() as http:
        await stage.session(http)
        assert stage.server.eio.sockets
        await eventually_async(lambda: not stage.server.eio.sockets, "the session to be forgotten")


async def test_who_signs_in_stays(stage: Stage) -> None:
    async with stage.websocket() as socket:
        await socket.send('40{"token":"good"}')
        await asyncio.sleep(service.CONNECT_SECONDS * 2)
        await stage.server.emit("hello")
        async with asyncio.timeout(20):
            while await socket.recv() != '42["hello"]':
                pass
    assert stage.bugs() == []
