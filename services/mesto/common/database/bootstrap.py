"""``python -m mesto.common.database.bootstrap``: extensions, and for each service a schema with two roles.

Works as the administrator of ``MESTO_ADMIN_DATABASE_URL``, who need not be a superuser where PostGIS is there already.
Roles and passwords are those of ``MESTO_<SERVICE>_MIGRATION_URL`` (owns the schema) and
``MESTO_<SERVICE>_DATABASE_URL``. Idempotent.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping

import asyncpg
from sqlalchemy.engine import make_url

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")


def extension_statements() -> Iterator[str]:
    """Yield the statements for the database."""
    for name in EXTENSIONS:
        yield f"CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA public"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"


def role_statements(role: str, password: str, service: str, *, known: bool) -> Iterator[str]:
    """Yield the statements for a role; one that is ``known`` gets the password again."""
    secret = f"LOGIN PASSWORD {_literal(password)}"
    if known:
        yield f"ALTER ROLE {_name(role)} {secret}"
    else:
        yield f"CREATE ROLE {_name(role)} NOSUPERUSER NOCREATEDB NOCREATEROLE {secret}"
    yield f"ALTER ROLE {_name(role)} SET search_path = {_name(service)}, public"


def schema_statements(service: str, owner: str, user: str) -> Iterator[str]:
    """Yield the statements for a service's schema: its owner's, and only used by its working role."""
    schema, owner, user = _name(service), _name(owner), _name(user)
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT"
    yield f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}"
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {user}"
    yield f"{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {user}"
    yield f"{defaults} USAGE, SELECT ON SEQUENCES TO {user}"
    yield f"{defaults} EXECUTE ON FUNCTIONS TO {user}"


def access_statements(database: str, roles: list[str]) -> Iterator[str]:
    """Yield the statements by which nobody but ``roles`` may connect."""
    yield f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC"
    yield f"GRANT CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {', '.join(_name(role) for role in roles)}"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


async def bootstrap(environment: Mapping[str, str]) -> None:
    """Do it all in one transaction. Raises KeyError for a URL that is not set, asyncpg's errors for what is refused."""
    address = make_url(environment["MESTO_ADMIN_DATABASE_URL"]).set(drivername="postgresql")
    connection = await asyncpg.connect(address.render_as_string(hide_password=False), timeout=10)
    try:
        async with connection.transaction():
            await _bootstrap(connection, environment)
    finally:
        await connection.close()


async def _bootstrap(connection: asyncpg.Connection, environment: Mapping[str, str]) -> None:
    # Two Jobs of two upgrades must not make one role at a time.
    await connection.execute("SELECT pg_advisory_xact_lock(7465737)")
    superuser = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    roles: list[str] = []
    for statement in extension_statements():
        await connection.execute(statement)
    for service in SERVICES:
        urls = [make_url(environment[f"MESTO_{service.upper()}_{kind}_URL"]) for kind in ("MIGRATION", "DATABASE")]
        names = [str(url.username) for url in urls]
        for url, name in zip(urls, names, strict=True):
            known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
            for statement in role_statements(name, str(url.password), service, known=bool(known)):
                await connection.execute(statement)
        if not superuser:  # whoever gives a schema to a role must be a member of it
            await connection.execute(f"GRANT {_name(names[0])} TO CURRENT_USER")
        for statement in schema_statements(service, *names):
            await connection.execute(statement)
        roles += names
    for statement in access_statements(await connection.fetchval("SELECT current_database()"), roles):
        await connection.execute(statement)


if __name__ == "__main__":
    asyncio.run(bootstrap(os.environ))
