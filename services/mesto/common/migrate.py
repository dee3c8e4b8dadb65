"""``python -m mesto.common.migrate SERVICE|all``: bring a schema to the newest migration, as its owner role."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")


def alembic_config(service: str, url: str) -> Config:
    """Alembic's configuration for one service; ``url`` is of the role that owns the schema."""
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


def main() -> None:
    names = SERVICES if sys.argv[1:] in (["all"], []) else tuple(sys.argv[1:])
    for service in names:
        upgrade(service, os.environ[f"MESTO_{service.upper()}_MIGRATION_URL"])
        print(f"{service}: schema is up to date")


if __name__ == "__main__":
    main()
