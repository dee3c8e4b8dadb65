"""SIGTERM to notifications: pages lose their line at once, in the way that makes them come back elsewhere."""

from __future__ import annotations

import asyncio
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import socketio
from support.servers.booking import Signer
from support.servers.notifications import start_post
from support.waiting import eventually_async


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_pages_are_told_at_once_and_the_process_does_not_wait_for_them(
    fresh_database_urls: Any,
    fresh_broker_url: str,
    signer: Signer,
    key_folders: Any,
    tmp_path: Path,
    transport: str,
    record_property: Any,
) -> None:
    urls = fresh_database_urls
    post = start_post(urls.admin, urls["notifications"], fresh_broker_url, signer, key_folders, tmp_path)
    clients = [socketio.AsyncClient(reconnection=False) for _ in range(5)]
    ended: list[socketio.AsyncClient] = []
    try:
        address = await asyncio.to_thread(post.start_app, "app")
        for client in clients:
            client.on("disconnect", lambda *_, client=client: ended.append(client))
            auth = {"token": signer.token(uuid.uuid4())}
            path = "/api/notifications/socket.io"
            await client.connect(address, socketio_path=path, auth=auth, transports=[transport])
        begun = time.monotonic()
        process = post.processes[-1]
        process.terminate()
        await eventually_async(lambda: len(ended) == len(clients), "every page is told")
        told = time.monotonic() - begun
        assert await asyncio.to_thread(process.wait, 60) == 0
        record_property(f"pages on {transport}: told after, s", round(told, 1))
        record_property(f"pages on {transport}: the process was gone after, s", round(time.monotonic() - begun, 1))
    finally:
        for client in clients:
            await client.disconnect()
        await asyncio.to_thread(post.stop)
