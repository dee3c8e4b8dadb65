"""Addresses that resources name: private ones are refused wherever they hide, and answers are bounded."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver
from mesto.operator import outside

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address of a server on loopback that answers everything so."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def said(body: bytes) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"ETag": '"one"'})

    return handler


async def test_a_file_comes_with_its_hash_and_edition() -> None:
    async with serving(await said(b"hello")) as base, outside.download(f"{base}/a", private=True) as found:
        assert found.file.read_bytes() == b"hello"
        assert found.sha256 == hashlib.sha256(b"hello").hexdigest()
        assert found.edition == '"one"'
        kept = found.file
    assert not kept.exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://[::1]:1/x", "http://169.254.169.254/latest", "http://10.0.0.1/"]
)
async def test_a_private_address_is_refused_without_a_connection(url: str) -> None:
    with pytest.raises(outside.Refused, match="allow-private-addresses"):
        async with outside.download(url, private=False):
            pass


async def test_a_name_of_a_private_address_is_refused() -> None:
    async with serving(await said(b"secret")) as base:
        port = base.rpartition(":")[2]
        with pytest.raises(outside.Refused, match="private network"):
            async with outside.download(f"http://localhost:{port}/", private=False):
                pass


async def test_a_redirect_into_the_private_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that redirects inside: here a name that the test lets resolve to the stand-in."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("http://127.0.0.1:1/inside")

    async def resolve(self: object, host: str, port: int = 0, family: int = socket.AF_INET) -> list[object]:
        return await ThreadedResolver().resolve("127.0.0.1", port, socket.AF_INET)  # type: ignore[return-value]

    monkeypatch.setattr(outside._Public, "resolve", resolve)
    async with serving(handler) as base:
        url = base.replace("127.0.0.1", "public.example.org")
        with pytest.raises(outside.Refused, match=r"127\.0\.0\.1 is an address of a private network"):
            async with outside.download(f"{url}/a", private=False):
                pass
    assert asked == ["/a"]


async def test_redirects_end() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.path + "x")

    async with serving(handler) as base:
        with pytest.raises(outside.Refused, match="redirects more than 5 times"):
            async with outside.download(f"{base}/a", private=True):
                pass


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, outside.Refused), (403, outside.Refused), (503, outside.Unreachable), (429, outside.Unreachable)],
)
async def test_an_answer_that_is_none(status: int, error: type[Exception]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status)

    async with serving(handler) as base:
        with pytest.raises(error, match=f"answered {status}"):
            async with outside.download(base, private=True):
                pass


async def test_more_than_is_allowed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MAX_BYTES", 1 << 20)
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(1000):
            await answer.write(b"x" * 65536)
            sent += 65536
        return answer

    async with serving(handler) as base:
        with pytest.raises(outside.Refused, match="larger than 1 MiB"):
            async with outside.download(base, private=True):
                pass
    assert sent < 50 << 20


async def test_a_server_that_drips_is_given_up() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"x")
        await asyncio.sleep(60)
        return answer

    async with serving(handler) as base:
        with pytest.raises(outside.Unreachable, match=r"within 0\.3 seconds") as gone:
            async with outside.download(base, private=True, seconds=0.3):
                pass
    assert gone.value.reason == "Timeout"


async def test_nobody_there_and_an_unknown_name() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(outside.Unreachable) as gone:
        async with outside.download(f"http://127.0.0.1:{port}/", private=True):
            pass
    assert gone.value.reason == "Http"
    with pytest.raises(outside.Unreachable) as unknown:
        async with outside.download("http://nowhere.invalid/", private=False):
            pass
    assert unknown.value.reason == "Dns"


@pytest.mark.parametrize("url", ["ftp://example.org/a", "http:///a", "file:///etc/passwd"])
async def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(outside.Refused):
        async with outside.download(url, private=True):
            pass
