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
from mesto.common.http.addresses import SafeAddress, is_private, is_private_literal
from mesto.operator import downloads

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address of a server on loopback that answers everything so."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def serving_body(body: bytes) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"ETag": '"one"'})

    return handler


async def test_a_file_comes_with_its_hash_and_edition() -> None:
    async with serving(await serving_body(b"hello")) as base, downloads.download(f"{base}/a", private=True) as found:
        assert found.file.read_bytes() == b"hello"
        assert found.sha256 == hashlib.sha256(b"hello").hexdigest()
        assert found.edition == '"one"'
        kept = found.file
    assert not kept.exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://[::1]:1/x", "http://169.254.169.254/latest", "http://10.0.0.1/"]
)
async def test_a_private_address_is_refused_without_a_connection(url: str) -> None:
    with pytest.raises(downloads.DownloadRejected, match="allow-private-addresses"):
        async with downloads.download(url, private=False):
            pass


async def test_a_name_of_a_private_address_is_refused() -> None:
    async with serving(await serving_body(b"secret")) as base:
        port = base.rpartition(":")[2]
        with pytest.raises(downloads.DownloadRejected, match="private network"):
            async with downloads.download(f"http://localhost:{port}/", private=False):
                pass


@contextlib.asynccontextmanager
async def counting() -> AsyncIterator[tuple[int, list[bytes]]]:
    """The port of a server on loopback, IPv4 and IPv6, and what each connection that came there sent first."""
    came: list[bytes] = []

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(100))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        writer.close()

    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listening:
        async with await asyncio.start_server(met, sock=listening):
            yield listening.getsockname()[1], came


LOOPBACK = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "localhost",
    "LOCALHOST.",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "127\uff610\uff610\uff611",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "\u2460\u2461\u2466.0.0.\u2460",
    "\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1",
    "127.0.0.\u0661",
    "1\u200b27.0.0.1",
    "1\u00ad27.0.0.1",
    "%31%32%37.0.0.1",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    "example.org@127.0.0.1",
    "user:password@127.0.0.1",
    "127.0.0.1\\@example.org",
)
"""Ways to write loopback that some client library or resolver understands."""


@pytest.mark.parametrize("host", LOOPBACK)
async def test_a_private_server_is_not_reached_however_its_address_is_written(host: str) -> None:
    async with counting() as (port, came):
        with pytest.raises((downloads.DownloadRejected, downloads.DownloadFailed)) as refused:
            async with downloads.download(f"http://{host}:{port}/", private=False, seconds=5):
                pass
    assert came == []
    assert "password" not in str(refused.value).replace("a user or a password", "")


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_redirect_leads_there(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The redirecting server stands at 127.0.0.9, which passes for a public address here."""
    monkeypatch.setattr(downloads, "is_private", lambda address: address != "127.0.0.9" and is_private(address))
    monkeypatch.setattr(
        SafeAddress,
        "private",
        property(lambda address: address.host != "127.0.0.9" and is_private_literal(address.host)),
    )
    asked: list[bytes] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        raw = f"http://{host}:{port}/?secret=1".encode()
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + raw + b"\r\n\r\n")
        writer.close()

    async with counting() as (port, came), await asyncio.start_server(redirect, "127.0.0.9", 0) as server:
        first = server.sockets[0].getsockname()[1]
        with pytest.raises((downloads.DownloadRejected, downloads.DownloadFailed)) as refused:
            async with downloads.download(f"http://127.0.0.9:{first}/", private=False, seconds=5):
                pass
    assert (len(asked), came) == (1, [])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
async def test_what_is_connected_to_is_checked_whatever_was_seen_before(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither how the address is written nor the resolver stands in the way here: the socket does, by itself."""
    monkeypatch.setattr(downloads, "_checked", lambda url, private, name: SafeAddress(url, host))
    monkeypatch.setattr(downloads, "_Public", ThreadedResolver)
    async with counting() as (port, came):
        with pytest.raises(downloads.DownloadRejected, match="allow-private-addresses"):
            async with downloads.download(f"http://{host}:{port}/", private=False, seconds=5):
                pass
    assert came == []


async def test_no_word_of_an_answer_is_passed_on() -> None:
    """What speaks no HTTP, and what ends too soon: neither is quoted."""

    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readline()
        writer.write(b"-ERR topsecret\r\n" if b"odd" in head else b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ntop")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(odd, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for path, why in (("odd", "does not speak HTTP"), ("short", "ended before the answer did")):
            with pytest.raises(downloads.DownloadFailed, match=why) as gone:
                async with downloads.download(f"{base}/{path}?key=abc", private=True):
                    pass
            assert "topsecret" not in str(gone.value)
            assert "abc" not in str(gone.value)


async def test_redirects_end() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.path + "x")

    async with serving(handler) as base:
        with pytest.raises(downloads.DownloadRejected, match="redirects more than 5 times"):
            async with downloads.download(f"{base}/a", private=True):
                pass


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, downloads.DownloadRejected),
        (403, downloads.DownloadRejected),
        (503, downloads.DownloadFailed),
        (429, downloads.DownloadFailed),
    ],
)
async def test_an_answer_that_is_none(status: int, error: type[Exception]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status)

    async with serving(handler) as base:
        with pytest.raises(error, match=f"answered {status}"):
            async with downloads.download(base, private=True):
                pass


async def test_more_than_is_allowed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MAX_BYTES", 1 << 20)
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
        with pytest.raises(downloads.DownloadRejected, match="larger than 1 MiB"):
            async with downloads.download(base, private=True):
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
        with pytest.raises(downloads.DownloadFailed, match=r"within 0\.3 seconds") as gone:
            async with downloads.download(base, private=True, seconds=0.3):
                pass
    assert gone.value.reason == "Timeout"


async def test_nobody_there_and_an_unknown_name() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(downloads.DownloadFailed) as gone:
        async with downloads.download(f"http://127.0.0.1:{port}/", private=True):
            pass
    assert gone.value.reason == "Http"
    with pytest.raises(downloads.DownloadFailed) as unknown:
        async with downloads.download("http://nowhere.invalid/", private=False):
            pass
    assert unknown.value.reason == "Dns"


@pytest.mark.parametrize("url", ["ftp://example.org/a", "http:///a", "file:///etc/passwd"])
async def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(downloads.DownloadRejected):
        async with downloads.download(url, private=True):
            pass
