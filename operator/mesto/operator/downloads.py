"""Addresses that resources name: read within limits, and never inside the platform's own network by accident.

A resource is written by whoever may write in its namespace; what it makes the operator read must not be what only the
operator can reach. So private, loopback and link-local addresses are refused, at each redirect and by the address that
is really connected to, unless the namespace is labelled (``mesto.common.http.addresses``).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from mesto.common.http.addresses import BadAddress, SafeAddress, is_private, parse_address, refusal, shown
from yarl import URL

MAX_BYTES = 64 * 1024 * 1024
SECONDS, CONNECT_SECONDS = 120.0, 10.0
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16


class DownloadRejected(Exception):
    """An address or an answer that will not be taken however often it is tried; the message is for people."""


class DownloadFailed(Exception):
    """Nothing came now, it may later; ``reason`` is Dns, Timeout or Http."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PrivateAddress(OSError):
    """An address of a private network, or a name that stands for one."""


class _Public(AbstractResolver):
    """Resolves names to their public addresses only, so that a name that has both is connected to at those."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [result for result in found if not is_private(result["host"])]
        if not allowed:
            raise PrivateAddress(f"{host} is {found[0]['host']}, an address of a private network")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def _public_socket(info: tuple[int, int, int, str, tuple[str | bytes | int, ...]]) -> socket.socket:
    """Return a socket for an address that is about to be connected to: none for a private one, whoever came to name it.

    aiohttp asks no resolver about what it takes for an IP address already; nothing gets past this.
    """
    family, kind, proto, _, address = info
    if is_private(host := str(address[0])):
        raise PrivateAddress(f"{host} is an address of a private network")
    return socket.socket(family=family, type=kind, proto=proto)


@dataclass(frozen=True)
class Download:
    """What was read: a file that is deleted afterwards, its hash, and what the server calls this edition of it."""

    file: Path
    sha256: str
    edition: str


@contextlib.asynccontextmanager
async def download(url: str, *, private: bool, seconds: float = SECONDS) -> AsyncIterator[Download]:
    """Yield the bytes behind an address, in a temporary file. ``private`` allows private addresses.

    Raises DownloadRejected (address, redirects, more than 64 MiB, 4xx) or DownloadFailed.
    """
    with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".download") as file:
        yield await _fetch(url, private, seconds, file)


async def _fetch(url: str, private: bool, seconds: float, file: IO[bytes]) -> Download:
    timeout = aiohttp.ClientTimeout(total=seconds, connect=CONNECT_SECONDS)
    guard = {} if private else {"resolver": _Public(), "socket_factory": _public_socket}
    connector = aiohttp.TCPConnector(limit=2, **guard)  # type: ignore[arg-type]
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
            return await _follow(session, url, private, file)
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, PrivateAddress):
            raise DownloadRejected(refusal(str(error.os_error))) from error
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            raise DownloadFailed("Dns", f"the name of {shown(url)} is not known") from error
        raise DownloadFailed("Http", f"{shown(url)} cannot be read: {_why(error)}") from error
    except TimeoutError as error:
        raise DownloadFailed("Timeout", f"{shown(url)} was not read whole within {seconds:g} seconds") from error
    except aiohttp.InvalidURL as error:
        raise DownloadRejected(f"{shown(url)} is no address that can be read") from error
    except aiohttp.ClientError as error:
        raise DownloadFailed("Http", f"{shown(url)} cannot be read: {_why(error)}") from error


def _why(error: aiohttp.ClientError) -> str:
    """Return why nothing came, in our words: those of the library may quote what the server has sent."""
    match error:
        case aiohttp.ClientSSLError():
            return "its certificate is not trusted, or TLS failed"
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error.strerror or 'refused'}"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "the connection ended before the answer did"
        case aiohttp.ClientResponseError():
            return "what answers there does not speak HTTP"
    return "the exchange failed"


async def _follow(session: aiohttp.ClientSession, url: str, private: bool, file: IO[bytes]) -> Download:
    place, name = _checked(url, private, shown(url)), shown(url)
    for _ in range(_MOST_REDIRECTS + 1):
        async with session.get(URL(place.url), allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308) and (target := answer.headers.get("Location")):
                place = _checked(_joined(place.url, target), private, f"the place that {shown(url)} redirects to")
                name = f"{place.host}, where {shown(url)} redirects to,"  # its path may hold what is secret
                continue
            if answer.status >= 500 or answer.status in (408, 425, 429):
                raise DownloadFailed("Http", f"{name} answered {answer.status}")
            if answer.status != 200:
                raise DownloadRejected(f"{name} answered {answer.status}")
            digest = await _save(answer, name, file)
            edition = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or digest
            return Download(Path(file.name), digest, edition[:150])
    raise DownloadRejected(f"{shown(url)} redirects more than {_MOST_REDIRECTS} times")


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return target  # no address, as the check will say


def _checked(url: str, private: bool, name: str) -> SafeAddress:
    """Return the one spelling of an address, which aiohttp reads as we do. Raises DownloadRejected."""
    try:
        place = parse_address(url)
        seen = URL(place.url).raw_host
    except (BadAddress, ValueError) as error:
        reason = str(error) if isinstance(error, BadAddress) else "it is no address"
        raise DownloadRejected(f"{name} is not read: {reason}") from error
    if seen != place.host:
        raise DownloadRejected(f"{name} is not read: its host can be read in two ways")
    if not private and place.private:  # what a name stands for is seen by the resolver, and by the socket
        raise DownloadRejected(refusal(f"{place.host} is an address of a private network"))
    return place


async def _save(answer: aiohttp.ClientResponse, name: str, file: IO[bytes]) -> str:
    digest, size = hashlib.sha256(), 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise DownloadRejected(f"{name} is larger than {MAX_BYTES >> 20} MiB")
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    await asyncio.to_thread(file.flush)
    return digest.hexdigest()
