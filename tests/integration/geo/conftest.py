"""A geo process without its ports: real PostGIS, events straight into its handlers, requests into its applications."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mesto.common.identity.signing import CallerAuth
from mesto.geo.app import build
from mesto.geo.settings import GeoSettings
from support.servers.geo import MOSCOW, NEW_YORK, GeoStage, config
from support.servers.loops import running
from support.servers.session_servers import DatabaseUrls


@asynccontextmanager
async def _staged(database_urls: DatabaseUrls, keys: Any, broker_url: str, folder: Path) -> AsyncIterator[GeoStage]:
    file = folder / "platformconfig.yaml"
    file.write_text(config(MOSCOW, NEW_YORK))
    settings = GeoSettings(
        service="geo",
        database_url=database_urls["geo"],
        broker_url=broker_url,
        internal_public_dir=keys.public_keys(),
        internal_key_dir=keys.all_internal_keys(),
        platform_config=file,
    )
    service = build(settings)
    public = httpx.AsyncClient(transport=httpx.ASGITransport(service.public), base_url="http://geo", timeout=60)
    internal = httpx.AsyncClient(
        transport=httpx.ASGITransport(service.internal),
        base_url="http://geo",
        auth=CallerAuth(settings, "cli", "geo"),
        timeout=60,
    )
    stage = GeoStage(service, service.internal.state.geo, public, internal, file)
    await stage.geo.configuration.reload()
    yield stage
    await public.aclose()
    await internal.aclose()
    await stage.geo.database.close()


@pytest.fixture
async def geo_stage(
    empty_database_urls: DatabaseUrls, key_folders: Any, broker_url: str, tmp_path: Path
) -> AsyncIterator[GeoStage]:
    """A geo with Moscow and New York declared and nothing else; no loop runs."""
    async with _staged(empty_database_urls, key_folders, broker_url, tmp_path) as stage:
        yield stage


@pytest.fixture
async def running_geo(
    empty_database_urls: DatabaseUrls, key_folders: Any, fresh_broker_url: str, tmp_path: Path
) -> AsyncIterator[GeoStage]:
    """The same with its loops running: the file is watched, events come and go by RabbitMQ."""
    async with _staged(empty_database_urls, key_folders, fresh_broker_url, tmp_path) as stage, running(stage.service):
        yield stage
