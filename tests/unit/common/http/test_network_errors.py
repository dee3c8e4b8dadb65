"""Why something could not be reached is said in words, whichever library tried."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import httpx
import pytest
from mesto.common.http.network_errors import reason


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def raised_by_httpx(url: str) -> Exception:
    async with httpx.AsyncClient(trust_env=False, timeout=0.2) as client:
        with pytest.raises(httpx.HTTPError) as caught:
            await client.get(url)
    return caught.value


async def raised_by_aiohttp(url: str) -> Exception:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.get(url)
    return caught.value


async def test_a_closed_port_refuses_connections() -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    assert reason(await raised_by_httpx(url)) == "it refuses connections"
    assert reason(await raised_by_aiohttp(url)) == "it refuses connections"


async def test_one_who_closes_and_one_who_never_answers_are_told_apart() -> None:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):  # until the client gives up
            pass
        writer.close()

    for behaviour, words in ((close, "it closed the connection"), (wait, "it took too long")):
        async with await asyncio.start_server(behaviour, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert reason(await raised_by_httpx(f"http://127.0.0.1:{port}/")) == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name is not known"),
        (TimeoutError(), "it took too long"),
        (OSError("something else"), "the connection failed"),
    ],
)
def test_other_causes(error: Exception, words: str) -> None:
    assert reason(error) == words


def test_a_ring_of_causes_ends() -> None:
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert reason(first) == "the connection failed"
