"""Addresses that resources name: read within limits, and never inside the platform's own network by accident.

A resource is written by whoever may write in its namespace; what it makes the operator read must not be what only the
operator can reach. So private, loopback and link-local addresses are refused, at each redirect and by the address that
is really connected to, unless the namespace is labelled (``mesto.common.addresses``).
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
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from mesto.common.addresses import is_private, is_private_literal, refusal

MAX_BYTES = 64 * 1024 * 1024
SECONDS, CONNECT_SECONDS = 120.0, 10.0
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16


class Refused(Exception):
    """An address or an answer that will not be taken however often it is tried; the message is for people."""


class Unreachable(Exception):
    """Nothing came now, it may later; ``reason`` is Dns, Timeout or Http."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PrivateAddress(OSError):
    """A name that stands for an address of a private network."""


class _Public(AbstractResolver):
    """Resolves names to public addresses only, so that what is checked is what is connected to."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [one for one in found if not is_private(one["host"])]
        if not allowed:
            raise PrivateAddress(f"{host} is {found[0]['host']}, an address of a private network")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True)
class Download:
    """What was read: a file that is deleted afterwards, its hash, and what the server calls this edition of it."""

    file: Path
    sha256: str
    edition: str


@contextlib.asynccontextmanager
async def download(url: str, *, private: bool, seconds: float = SECONDS) -> AsyncIterator[Download]:
    """The bytes behind an address, in a temporary file. ``private`` allows private addresses.

    Raises Refused (address, redirects, more than 64 MiB, 4xx) or Unreachable.
    """
    with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".download") as file:
        yield await _fetch(url, private, seconds, file)


async def _fetch(url: str, private: bool, seconds: float, file: IO[bytes]) -> Download:
    timeout = aiohttp.ClientTimeout(total=seconds, connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(resolver=None if private else _Public(), limit=2)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
            return await _follow(session, url, private, file)
    except aiohttp.ClientConnectorDNSError as error:
        if isinstance(error.os_error, PrivateAddress):
            raise Refused(refusal(str(error.os_error))) from error
        raise Unreachable("Dns", f"the name of {url} is not known: {error}") from error
    except TimeoutError as error:
        raise Unreachable("Timeout", f"{url} was not read whole within {seconds:g} seconds") from error
    except aiohttp.ClientError as error:
        raise Unreachable("Http", f"{url} cannot be read: {error!r}") from error


async def _follow(session: aiohttp.ClientSession, url: str, private: bool, file: IO[bytes]) -> Download:
    for _ in range(_MOST_REDIRECTS + 1):
        _check(url, private)
        async with session.get(url, allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308) and (place := answer.headers.get("Location")):
                url = urljoin(url, place)
                continue
            if answer.status >= 500 or answer.status in (408, 425, 429):
                raise Unreachable("Http", f"{url} answered {answer.status}")
            if answer.status != 200:
                raise Refused(f"{url} answered {answer.status}")
            digest = await _save(answer, url, file)
            edition = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or digest
            return Download(Path(file.name), digest, edition[:150])
    raise Refused(f"{url} redirects more than {_MOST_REDIRECTS} times")


def _check(url: str, private: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"{url} is no http or https address")
    if not private and is_private_literal(parts.hostname):  # what a name stands for is seen by the resolver
        raise Refused(refusal(f"{parts.hostname} is an address of a private network"))


async def _save(answer: aiohttp.ClientResponse, url: str, file: IO[bytes]) -> str:
    digest, size = hashlib.sha256(), 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise Refused(f"{url} is larger than {MAX_BYTES >> 20} MiB")
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    await asyncio.to_thread(file.flush)
    return digest.hexdigest()
