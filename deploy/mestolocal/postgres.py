"""PostgreSQL with PostGIS: a server of our own, and databases with a schema and least-privilege roles per service."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import LiteralString

import psycopg
from mesto.common.database import bootstrap
from psycopg import sql

from .paths import PlatformError
from .ports import SERVICES
from .server import Server, base_environment, give, own_folder

_VERSION = "15"
_BIN = Path(f"/usr/lib/postgresql/{_VERSION}/bin")
_DURABLE = {"shared_buffers": "256MB"}
# A test's data dies with the test: nothing is worth an fsync.
_THROWAWAY = {"shared_buffers": "128MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL server on loopback, reached by TCP with passwords only."""

    def __init__(self, folder: Path, port: int, password: str, *, throwaway: bool) -> None:
        self.folder, self.port, self.throwaway = folder, port, throwaway
        self._password = password
        self.user = "postgres" if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        """The superuser's URL, for psycopg; only the platform itself uses it."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Makes the data folder when there is none. Raises PlatformError when another version made the one there."""
        if not (_BIN / "initdb").exists():
            raise PlatformError(f"PostgreSQL {_VERSION} is not installed: run deploy/bootstrap.sh.")
        own_folder(self.folder, self.user)
        version = self.folder / "data" / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != _VERSION:
                raise PlatformError(
                    f"{self.folder} holds data of PostgreSQL {found}, this platform runs {_VERSION}: "
                    "upgrade it, or delete it with `make clean`."
                )
            return
        password = self.folder / "password"
        password.write_text(self._password)
        give(password, self.user)
        words = ["--pgdata", str(self.folder / "data"), "--username=postgres", f"--pwfile={password}"]
        words += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        words += ["--no-sync"] if self.throwaway else []
        maker = Server("initdb", (str(_BIN / "initdb"), *words), lambda: True, Path("/"), user=self.user)
        done = subprocess.run(
            maker.argv(), capture_output=True, text=True, env=base_environment(), cwd="/", check=False
        )
        password.unlink()
        if done.returncode != 0:
            raise PlatformError(f"initdb failed:\n{done.stderr}")

    def server(self) -> Server:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "400",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            **(_THROWAWAY if self.throwaway else _DURABLE),
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Server(
            "postgres",
            (str(_BIN / "postgres"), "-D", str(self.folder / "data"), *words),
            self.ready,
            self.folder,
            base_environment(),
            self.user,
            stop_signal="INT",
        )

    def ready(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def run(self, statement: LiteralString | sql.Composed, database: str = "postgres") -> None:
        """One statement as superuser, outside a transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def has_database(self, name: str) -> bool:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def create_database(self, name: str, template: str | None = None) -> None:
        """A database, empty or a copy of `template`, that nobody but the services' roles may connect to."""
        if template is None:
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        else:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        self.run(statement)
        roles = [role for service in SERVICES for role in role_names(service)]
        self._run_all(bootstrap.access_statements(name, roles))

    def drop_database(self, name: str) -> None:
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_roles(self, passwords: Mapping[str, str]) -> None:
        """The services' roles with these passwords (by role name); those that exist get the password again."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for service in SERVICES:
            for role in role_names(service):
                self._run_all(bootstrap.role_statements(role, passwords[role], service, known=role in known))

    def create_schemas(self, database: str) -> None:
        """PostGIS, and per service a schema that its owner role owns and its service role may only use. Idempotent."""
        self._run_all(bootstrap.extension_statements(), database)
        for service in SERVICES:
            self._run_all(bootstrap.schema_statements(service, *role_names(service)), database)

    def _run_all(self, statements: Iterable[str], database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def role_names(service: str) -> tuple[str, str]:
    """(the role that owns the schema and migrates, the role that the service works as)."""
    return f"mesto_{service}_owner", f"mesto_{service}"
