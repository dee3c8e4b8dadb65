"""Calls to another part end in time, even when each byte of the answer does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest
from mesto.common.http.internal_client import InternalClient, ServiceUnavailable
from mesto.common.settings import CommonSettings


async def _drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)


async def test_an_answer_that_drips_is_given_up(key_folders: Any) -> None:
    server = await asyncio.start_server(_drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = CommonSettings(internal_key_dir=key_folders.internal_keys("operator"), catalog_internal_url=url)
    client = InternalClient(settings, "operator", "catalog")
    begun = time.monotonic()
    with pytest.raises(ServiceUnavailable, match="catalog does not answer"):
        await client.call("GET", "/internal/spaces/changes", seconds=0.5)
    assert time.monotonic() - begun < 60  # it would drip for eight minutes
    await client.close()
    server.close()
