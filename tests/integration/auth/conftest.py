"""An auth process without its ports: requests straight into its applications, a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from mesto.auth.app import build
from mesto.auth.settings import AuthSettings
from mesto.common.database.engine import Database
from mesto.common.identity.signing import CallerAuth
from support.servers.auth import Stage
from support.servers.session_servers import DatabaseUrls


@pytest.fixture
async def auth(empty_database_urls: DatabaseUrls, key_folders: Any) -> AsyncIterator[Stage]:
    settings = AuthSettings(
        service="auth",
        database_url=empty_database_urls["auth"],
        auth_key_dir=key_folders.auth_keys(),
        internal_public_dir=key_folders.public_keys(),
        internal_key_dir=key_folders.all_internal_keys(),
    )
    service = build(settings)
    database = Database(empty_database_urls["auth"], "test")
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(service.public), base_url="http://mesto.test") as http,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(service.internal),
            base_url="http://auth.internal",
            auth=CallerAuth(settings, "cli", "auth"),
        ) as tools,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(service.internal),
            base_url="http://auth.internal",
            auth=CallerAuth(settings, "operator", "auth"),
        ) as operator,
    ):
        yield Stage(http, tools, operator, database, service.public.state.auth, service.public)
    await database.close()
    for close in service.closers[1:]:
        await close()
