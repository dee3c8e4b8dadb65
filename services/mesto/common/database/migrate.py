"""``python -m mesto.common.database.migrate SERVICE|all``: bring a schema to the newest migration, as its owner role.

``python -m mesto.common.database.migrate --wait SERVICE``: return when that is done, asked by the working role.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import time
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

WAIT_SECONDS = 600
SERVICES = ("auth", "catalog", "booking", "geo", "notifications")


def alembic_config(service: str, url: str) -> Config:
    """Return Alembic's configuration for one service; ``url`` is of the role that owns the schema."""
    spec = importlib.util.find_spec(f"mesto.{service}")
    assert spec is not None, f"there is no service {service}"
    assert spec.submodule_search_locations is not None
    config = Config()
    config.set_main_option("script_location", str(Path(spec.submodule_search_locations[0]) / "migrations"))
    config.attributes["url"] = url
    config.attributes["service"] = service
    return config


def upgrade(service: str, url: str) -> None:
    """Upgrade one service to head. Concurrent upgrades wait for each other (advisory lock in env.py)."""
    command.upgrade(alembic_config(service, url), "head")


async def _revision(service: str, url: str) -> str | None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address, timeout=5)
    try:
        found: str | None = await connection.fetchval(f"SELECT version_num FROM {service}.alembic_version")  # noqa: S608
    finally:
        connection.terminate()
    return found


def missing(service: str, url: str) -> str | None:
    """Return what keeps ``service`` from starting, None when its schema is at head.

    A revision that this release does not know is of a newer one: migrations never break the release before them.
    """
    scripts = ScriptDirectory.from_config(alembic_config(service, url))
    try:
        found = asyncio.run(_revision(service, url))
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        return f"cannot be read: {error or type(error).__name__}"
    head = scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    return None if found == head or (found is not None and found not in known) else f"is at {found}, waiting for {head}"


def wait(service: str, url: str, seconds: float = WAIT_SECONDS) -> None:
    """Wait until the schema is at head. Raises SystemExit when it is not after ``seconds``."""
    until, said = time.monotonic() + seconds, ""
    while (reason := missing(service, url)) is not None:
        if reason != said:
            print(f"{service}: schema {reason}", flush=True)
            said = reason
        if time.monotonic() > until:
            raise SystemExit(1)
        time.sleep(2)
    print(f"{service}: schema is up to date")


def main() -> None:
    if sys.argv[1:2] == ["--wait"]:
        wait(sys.argv[2], os.environ[f"MESTO_{sys.argv[2].upper()}_DATABASE_URL"])
        return
    names = SERVICES if sys.argv[1:] in (["all"], []) else tuple(sys.argv[1:])
    for service in names:
        upgrade(service, os.environ[f"MESTO_{service.upper()}_MIGRATION_URL"])
        print(f"{service}: schema is up to date")


if __name__ == "__main__":
    main()
