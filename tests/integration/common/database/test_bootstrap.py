"""Roles and schemas in an empty database, and the wait for its migrations."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from mesto.common.database import bootstrap, migrate
from mestolocal.paths import REPO
from mestolocal.postgres import Postgres
from mestolocal.server import base_environment

ADMIN = "install_admin"


class Empty:
    """An empty database with PostGIS, an administrator who is no superuser, and URLs of roles that do not exist yet."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres, self.name = postgres, f"empty_{uuid.uuid4().hex[:8]}"
        self.base = f"127.0.0.1:{postgres.port}/{self.name}"

    def url(self, role: str, password: str) -> str:
        return f"postgresql+asyncpg://{role}:{password}@{self.base}"

    def environment(self, password: str = "it's\\one") -> dict[str, str]:
        from urllib.parse import quote

        found = {"MESTO_ADMIN_DATABASE_URL": self.url(ADMIN, "admin")}
        for service in bootstrap.SERVICES:
            name, secret = f"{self.name}_{service}", quote(password, safe="")
            found[f"MESTO_{service.upper()}_DATABASE_URL"] = self.url(name, secret)
            found[f"MESTO_{service.upper()}_MIGRATION_URL"] = self.url(f"{name}_owner", secret)
        return found


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[Empty]:
    found = Empty(postgres)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ADMIN} LOGIN CREATEROLE PASSWORD 'admin'")
        connection.execute(f"CREATE DATABASE {found.name} OWNER {ADMIN}")
    with psycopg.connect(postgres.url(found.name), autocommit=True) as connection:
        for name in bootstrap.EXTENSIONS:
            connection.execute(f"CREATE EXTENSION {name}")
    yield found
    postgres.drop_database(found.name)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"{found.name}%",)).fetchall()
        for (role,) in rows:
            connection.execute(f"DROP ROLE {role}")
        connection.execute(f"DROP ROLE {ADMIN}")


def command(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = [sys.executable, "-m", *words]
    return subprocess.run(
        done,
        env={**base_environment(), **environment},
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_an_administrator_makes_what_each_service_needs_and_may_do_so_again(empty: Empty) -> None:
    environment = empty.environment()
    await bootstrap.bootstrap(environment)
    changed = empty.environment("another")
    await bootstrap.bootstrap(changed)
    url = changed["MESTO_GEO_MIGRATION_URL"].replace("+asyncpg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE geo.one (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE catalog.one (id int)")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(environment["MESTO_GEO_DATABASE_URL"].replace("+asyncpg", ""))


def test_a_service_waits_until_its_schema_is_migrated(empty: Empty) -> None:
    environment = empty.environment()
    url = environment["MESTO_GEO_DATABASE_URL"]
    waiting = subprocess.Popen(
        [sys.executable, "-m", "mesto.common.database.migrate", "--wait", "geo"],
        env={**base_environment(), "PYTHONUNBUFFERED": "1", "MESTO_GEO_DATABASE_URL": url},
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert waiting.stdout is not None
        assert "cannot be read" in waiting.stdout.readline()
        asyncio.run(bootstrap.bootstrap(environment))
        migrated = command("mesto.common.database.migrate", "geo", environment=environment)
        assert migrated.returncode == 0, migrated.stderr
        assert waiting.wait(60) == 0
        assert "up to date" in waiting.stdout.read()
    finally:
        waiting.kill()
        waiting.wait()


async def test_a_newer_schema_lets_an_older_release_start_and_an_older_one_does_not(empty: Empty) -> None:
    environment = empty.environment()
    await bootstrap.bootstrap(environment)
    assert command("mesto.common.database.migrate", "notifications", environment=environment).returncode == 0
    url = environment["MESTO_NOTIFICATIONS_DATABASE_URL"]
    owner = environment["MESTO_NOTIFICATIONS_MIGRATION_URL"].replace("+asyncpg", "")

    async def missing(revision: str) -> str | None:
        with psycopg.connect(owner) as connection:
            connection.execute("UPDATE notifications.alembic_version SET version_num = %s", (revision,))
        return await asyncio.to_thread(migrate.missing, "notifications", url)

    assert await missing("9999") is None
    assert "is at 0001" in (await missing("0001") or "")
