"""A catalog process without its ports: real database, real broker, requests straight into the applications."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from mesto.catalog.app import build
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces import rules
from support.servers.booking import NO_BROKER
from support.servers.catalog import Stage
from support.servers.loops import running
from support.servers.session_servers import DatabaseUrls


@asynccontextmanager
async def _staged(
    database_urls: DatabaseUrls, keys: Any, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    # Spaces begin as if they had been Ready before: nobody answers here unless a test does.
    monkeypatch.setattr(rules, "FIRST", rules.LISTED)
    settings = CatalogSettings(
        service="catalog",
        database_url=database_urls["catalog"],
        broker_url=broker_url,
        internal_public_dir=keys.public_keys(),
        internal_key_dir=keys.all_internal_keys(),
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
async def catalog_stage(
    empty_database_urls: DatabaseUrls, key_folders: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A catalog with an empty database; loops (broker, relay) are not running."""
    async with _staged(empty_database_urls, key_folders, NO_BROKER, monkeypatch) as stage:
        yield stage


@pytest.fixture
async def running_catalog(
    empty_database_urls: DatabaseUrls, key_folders: Any, fresh_broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """The same with its loops running."""
    async with (
        _staged(empty_database_urls, key_folders, fresh_broker_url, monkeypatch) as stage,
        running(stage.service),
    ):
        yield stage
