"""A catalog process without its ports: real database, real broker, requests straight into the applications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from mesto.catalog.app import build
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import rules
from support.servers.catalog import Stage
from support.servers.session_servers import DatabaseUrls


@pytest.fixture
async def catalog_stage(
    fresh_database_urls: DatabaseUrls, key_folders: Any, fresh_broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A catalog with an empty database; loops (broker, relay) are not running.

    Spaces begin as if they had been Ready before: nobody answers here unless a test does.
    """
    monkeypatch.setattr(rules, "FIRST", rules.LISTED)
    settings = CatalogSettings(
        service="catalog",
        database_url=fresh_database_urls["catalog"],
        broker_url=fresh_broker_url,
        internal_public_dir=key_folders.public_keys(),
        internal_key_dir=key_folders.all_internal_keys(),
        public_url="http://mesto.test",
    )
    service = build(settings)
    transport = httpx.ASGITransport(service.public)
    public = httpx.AsyncClient(transport=transport, base_url="http://catalog", timeout=60)
    stage = Stage(service, service.internal.state.catalog, public, public, settings)
    stage.operator = stage.caller("operator")
    yield stage
    for client in [public, *stage.clients]:
        await client.aclose()
    await stage.catalog.database.close()


@pytest.fixture
async def running_catalog(catalog_stage: Stage) -> AsyncIterator[Stage]:
    """The same with its loops running."""
    tasks = [asyncio.create_task(loop()) for loop in catalog_stage.service.loops]
    yield catalog_stage
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await catalog_stage.service.closers[0]()
