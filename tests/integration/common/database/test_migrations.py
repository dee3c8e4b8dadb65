"""The migrated schema of every service is the one that its tables declare, CHECKs and partial indexes too."""

from __future__ import annotations

import importlib

import psycopg
import pytest
from mesto.common.database.migrate import SERVICES
from sqlalchemy import create_engine
from support.schemas import shape
from support.servers.session_servers import DatabaseUrls


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_what_tables_declare(fresh_database_urls: DatabaseUrls, service: str) -> None:
    fresh_database_urls.owner(service)  # says so when the service's migrations failed
    url = fresh_database_urls.admin
    migrated = shape(url, service)
    assert all(migrated), f"{service} has no tables, constraints or indexes"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {service} CASCADE")  # type: ignore[call-overload]
        connection.execute(f"CREATE SCHEMA {service}")  # type: ignore[call-overload]
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    importlib.import_module(f"mesto.{service}.schema").METADATA.create_all(engine)
    engine.dispose()
    assert shape(url, service) == migrated
