"""Servers of our own to measure on: PostgreSQL, RabbitMQ and the API server of a test session, and our processes.

Both sides of a comparison stand on the same servers with the same settings. PostgreSQL runs as in tests, without fsync:
with a disk behind it both sides would wait alike and look more alike than they are.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from mestolocal.paths import REPO, venv_bin
from mestolocal.ports import free_ports
from mestolocal.postgres import Postgres
from mestolocal.secrets import Secrets
from mestolocal.server import Child, Server, base_environment, port_open
from mestolocal.services import Wiring, our_servers
from mestolocal.sessions import SessionServers, service_urls

BENCHMARKS = REPO / "benchmarks"


class Stand:
    """Servers for one benchmark; a context manager that ends all it started."""

    def __init__(self) -> None:
        self.servers = SessionServers()
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self.children):
            child.kill()
        self.servers.stop()

    @property
    def postgres(self) -> Postgres:
        return self.servers.postgres()

    def database(self, like: str | None = None) -> str:
        """A new database with all migrations, or a copy of another that nobody is connected to."""
        template = like or self.servers.template()[0]
        name = f"bench_{uuid.uuid4().hex[:8]}"
        self.postgres.create_database(name, template)
        return name

    def urls(self, database: str) -> dict[str, dict[str, str]]:
        """SQLAlchemy URLs of a database by service."""
        return service_urls(self.postgres.port, database, self.servers.role_passwords())

    def plain_url(self, database: str, service: str) -> str:
        """The URL of a service's role for asyncpg and pgx."""
        return self.urls(database)[service]["database"].replace("+asyncpg", "")

    def note_commit_times(self) -> None:
        """Restart PostgreSQL so that it remembers when each transaction was committed."""
        self.postgres.run("ALTER SYSTEM SET track_commit_timestamp = on")
        server = self.servers.children["postgres"]
        server.stop()
        server.start()

    def vhost(self) -> str:
        """The URL of a new virtual host of RabbitMQ."""
        name = f"bench-{uuid.uuid4().hex[:8]}"
        self.servers.rabbitmq().add_vhost(name)
        return self.servers.rabbitmq().url(name)

    def wiring(
        self, database: str, *, namespaces: tuple[str, ...] = (), extra: Mapping[str, str] | None = None
    ) -> Wiring:
        """How one set of our processes finds its servers; ``namespaces`` is what the operator looks after."""
        folder = Path(tempfile.mkdtemp(prefix="wiring-", dir=self.servers.folder))
        vhost = self.vhost().rpartition("/")[2]
        return Wiring(
            state=folder,
            ports=free_ports(),
            secrets=Secrets(folder / "secrets"),
            database_urls=self.urls(database),
            broker_urls=self.servers.rabbitmq().admit(vhost),
            platform_config=REPO / "examples" / "platformconfig.yaml",
            kubeconfig=self.servers.cluster().operator_kubeconfig if namespaces else None,
            namespaces=namespaces,
            extra={"MESTO_LOG_LEVEL": "INFO", **(extra or {})},
        )

    def start_ours(self, wiring: Wiring, *names: str) -> dict[str, Child]:
        """Start processes of ours by name, side by side, and wait until all are ready."""
        chosen = [server for server in our_servers(wiring) if server.name in names]
        assert len(chosen) == len(names), f"{names} are not all processes of ours"
        children = {server.name: self.add(server) for server in chosen}
        for child in children.values():
            child.launch()
        for child in children.values():
            child.wait_ready()
        return children

    def start_peer(self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str]) -> Child:
        """Start a peer; it is ready when it listens on ``port``."""
        return self.add(self.peer(name, command, port, environment)).start()

    @staticmethod
    def peer(name: str, command: Sequence[str], port: int, environment: Mapping[str, str]) -> Server:
        """A peer; it is ready when it listens on ``port``."""
        whole = {**base_environment(), "PYTHONPATH": str(BENCHMARKS), "PYTHONUNBUFFERED": "1", **environment}
        return Server(name, tuple(command), lambda: port_open(port), BENCHMARKS, whole)

    def add(self, server: Server) -> Child:
        """A process that is ended with the stand; not yet started."""
        child = Child(server, Path(tempfile.mkdtemp(prefix="log-", dir=self.servers.folder)))
        self.children.append(child)
        return child

    def stop(self, *children: Child) -> None:
        """End processes that are not needed any more."""
        for child in children:
            child.stop()
            self.children.remove(child)


def uvicorn(app: str, port: int) -> list[str]:
    """The command that serves a Python peer the way our services are served: one process, uvloop, httptools."""
    words = [venv_bin("uvicorn"), app, "--host", "127.0.0.1", "--port", str(port)]
    return [*words, "--no-access-log", "--log-level", "warning", "--no-server-header"]


def free_port() -> int:
    return free_ports(("peer",))["peer"]
