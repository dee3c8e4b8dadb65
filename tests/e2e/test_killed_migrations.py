"""Migrations killed at every commit, and in the middle of a version: run again they end where they should."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import alembic.command
import psycopg
import pytest
from mesto.common.database.migrate import alembic_config
from mestolocal.paths import REPO, venv_bin
from mestolocal.ports import SERVICES
from mestolocal.server import base_environment
from mestolocal.sessions import SessionServers, service_urls
from support import forked
from support.kills.armed import FOLDER
from support.schemas import shape

pytestmark = pytest.mark.timeout(1200)  # some hundred processes, one after the other
KILLED = -9


class Migrations:
    """A database whose migrations can be killed. `migrate` gives the exit code."""

    def __init__(self, servers: SessionServers, arms: Path) -> None:
        self.name, self.arms = f"killed_{os.urandom(4).hex()}", arms
        self.postgres = servers.postgres()
        self.postgres.create_database(self.name)
        self.postgres.create_schemas(self.name)
        self.url = self.postgres.url(self.name)
        self._urls = urls = service_urls(self.postgres.port, self.name, servers.role_passwords())
        self._environment = {
            **base_environment(),
            **{f"MESTO_{service.upper()}_MIGRATION_URL": urls[service]["migration"] for service in SERVICES},
            "PYTHONPATH": str(REPO / "tests"),
            FOLDER: str(arms),
        }

    def owner_url(self, service: str) -> str:
        """SQLAlchemy's URL of the role that owns the service's schema."""
        return self._urls[service]["migration"]

    def migrate(self, point: str = "", *services: str) -> int:
        """Bring the schemas to the newest migration, killed at a point."""
        arm = self.arms / "migration.arm"
        if point:
            arm.write_text(point)
        code = self.start(*(services or ("all",))).wait(timeout=120)
        arm.unlink(missing_ok=True)
        assert code in (0, KILLED), self.log.read_text()[-5000:]
        return code

    @property
    def log(self) -> Path:
        """What all of its processes have said."""
        return self.arms / f"{self.name}.log"

    def start(self, *services: str) -> forked.Started:
        """Begin to bring the schemas to the newest migration."""
        words = ["-m", "support.kills.armed", "migration", "mesto.common.database.migrate", *services]
        return forked.start([venv_bin("python"), *words], environment=self._environment, cwd=REPO, log=self.log)

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def servers() -> Iterator[SessionServers]:
    made = SessionServers(durable=True)
    yield made
    made.stop()


def test_those_that_migrate_at_once_wait_for_each_other(servers: SessionServers, tmp_path: Path) -> None:
    migrations = Migrations(servers, tmp_path)
    running = [migrations.start("all") for _ in range(3)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0], migrations.log.read_text()[-5000:]
    unusable = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert migrations.sql(unusable) == []


VERSIONS = list((REPO / "services" / "mesto").glob("*/migrations/versions/[0-9]*.py"))


def test_migrations_killed_at_every_commit_end_like_those_that_were_not(
    servers: SessionServers, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    whole, killed = Migrations(servers, tmp_path), Migrations(servers, tmp_path)
    assert whole.migrate() == 0
    assert killed.migrate("migration.statement 2") == KILLED
    kills = 1
    # Killed before a commit a version is lost and done again, after it the next run goes on with the next version.
    while killed.migrate("migration.before_commit") == KILLED:
        assert killed.migrate("migration.after_commit") == KILLED
        kills += 2
        assert kills < 10 * len(VERSIONS), "some version begins anew for ever"
    record_property("kills of migrations", kills)
    assert kills >= 1 + 2 * len(VERSIONS), "some version was never killed"
    for service in SERVICES:
        assert shape(killed.url, service) == shape(whole.url, service)
        version = f"SELECT version_num FROM {service}.alembic_version"
        assert killed.sql(version) == whole.sql(version)


def test_a_migration_that_is_killed_loses_no_row(servers: SessionServers, tmp_path: Path) -> None:
    migrations = Migrations(servers, tmp_path)
    alembic.command.upgrade(alembic_config("notifications", migrations.owner_url("notifications")), "0001")
    migrations.sql(
        "INSERT INTO notifications.deliveries (id, event_id, kind, user_id, payload)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 'confirmed', gen_random_uuid(), '{}'"
        " FROM generate_series(1, 500)"
    )
    rows = migrations.sql("SELECT id, event_id, user_id FROM notifications.deliveries ORDER BY id")
    assert migrations.migrate("migration.statement", "notifications") == KILLED
    assert migrations.migrate("migration.before_commit", "notifications") == KILLED
    assert migrations.migrate("migration.after_commit", "notifications") == KILLED
    assert migrations.sql("SELECT id, event_id, user_id FROM notifications.deliveries ORDER BY id") == rows
    assert len(rows) == 500
