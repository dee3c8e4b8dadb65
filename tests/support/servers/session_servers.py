"""One set of servers per test session, shared by all workers of pytest-xdist and started when first asked for.

The controller process owns the servers; workers ask it over a local socket.
"""

from __future__ import annotations

import os
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mestolocal.cluster import Cluster
from mestolocal.ports import SERVICES, free_ports
from mestolocal.postgres import Postgres
from mestolocal.rabbitmq import RabbitMQ
from mestolocal.sessions import SessionServers, service_urls
from support.clients import cluster_api

_ADDRESS = "MESTO_TEST_SERVERS"
_ALONE = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Of the tables that migrations made, only Alembic's own have rows from the beginning.
_EMPTY = f"""DO $$
DECLARE
    name text;
    is_filled boolean;
    filled text[];
BEGIN
    FOR name IN
        SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname = ANY('{{{",".join(SERVICES)}}}') AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_filled;
        IF is_filled THEN
            filled := filled || name;
        END IF;
    END LOOP;
    IF filled IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' RESTART IDENTITY CASCADE';
    END IF;
    -- Of what a test has written and deleted again only the sequences tell.
    FOR name IN
        SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
        WHERE schemaname = ANY('{{{",".join(SERVICES)}}}') AND last_value IS NOT NULL
    LOOP
        EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
    END LOOP;
END $$"""


class _Host:
    """What the controller answers; the servers start with the first question."""

    def __init__(self) -> None:
        self._servers: SessionServers | None = None
        self._mutex = threading.Lock()

    def request(self, question: str) -> Any:
        """The answer of SessionServers' method of that name."""
        with self._mutex:
            if self._servers is None:
                self._servers = SessionServers()
        return getattr(self._servers, question)()

    def folder(self) -> str:
        with self._mutex:
            if self._servers is None:
                self._servers = SessionServers()
        return str(self._servers.folder)

    def stop(self) -> None:
        if self._servers is not None:
            self._servers.stop()


_host = _Host()


class _Manager(BaseManager):
    pass


_Manager.register("host", callable=lambda: _host)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    key = secrets.token_hex(16)
    server = _Manager(address=("127.0.0.1", free_ports(("host",))["host"]), authkey=key.encode()).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ[_ADDRESS] = f"{server.address[1]}:{key}"  # type: ignore[index]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _host.stop()


@dataclass(frozen=True)
class DatabaseUrls:
    """URLs of one migrated database. `urls[service]` works as the service's role, `owner(service)` migrates."""

    name: str
    admin: str
    per_service: Mapping[str, Mapping[str, str]]
    failures: Mapping[str, str]

    def __getitem__(self, service: str) -> str:
        """SQLAlchemy URL (asyncpg) of the role that the service works as."""
        return self._of(service)["database"]

    def owner(self, service: str) -> str:
        """SQLAlchemy URL (asyncpg) of the role that owns the service's schema."""
        return self._of(service)["migration"]

    def _of(self, service: str) -> Mapping[str, str]:
        assert service not in self.failures, f"migrations of {service} failed:\n{self.failures[service]}"
        return self.per_service[service]


class Servers:
    """The session's servers as one worker sees them."""

    def __init__(self) -> None:
        port, _, key = os.environ[_ADDRESS].partition(":")
        manager = _Manager(address=("127.0.0.1", int(port)), authkey=key.encode())
        manager.connect()
        self._host: Any = manager.host()  # type: ignore[attr-defined]
        self._postgres: dict[str, Any] | None = None

    @property
    def folder(self) -> Path:
        return Path(self._host.folder())

    @property
    def postgres_data(self) -> dict[str, Any]:
        if self._postgres is None:
            self._postgres = self._host.request("postgres_data")
        return self._postgres

    def postgres(self) -> Postgres:
        data = self.postgres_data
        return Postgres(Path(data["folder"]), data["port"], data["password"], throwaway=True)

    def rabbitmq(self) -> RabbitMQ:
        data = self._host.request("rabbitmq_data")
        return RabbitMQ(Path(data["folder"]), data["ports"], data["password"], data["cookie"], throwaway=True)

    def cluster(self) -> Cluster:
        data = self._host.request("cluster_data")
        return Cluster(Path(data["folder"]), Path(data["binaries"]), data["ports"], throwaway=True)

    def template(self) -> tuple[str, dict[str, str]]:
        """(template database with all migrations, what went wrong by service)."""
        name, failures = self._host.request("template")
        return name, failures

    def new_database(self) -> DatabaseUrls:
        """A fresh copy of the template that holds all migrations."""
        template, failures = self.template()
        name = f"test_{uuid.uuid4().hex[:12]}"
        postgres = self.postgres()
        postgres.create_database(name, template)
        urls = service_urls(postgres.port, name, self.postgres_data["roles"])
        return DatabaseUrls(name, postgres.url(name), urls, failures)


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Lazily started servers of this session."""
    return Servers()


@pytest.fixture(scope="session")
def postgres(servers: Servers) -> Postgres:
    """The session's PostgreSQL: `postgres.url(database)` is the superuser's URL for psycopg."""
    return servers.postgres()


@pytest.fixture(scope="session")
def database_urls(servers: Servers) -> Iterator[DatabaseUrls]:
    """A migrated database of this worker: `database_urls["catalog"]`, `.owner("catalog")`, `.admin`."""
    urls = servers.new_database()
    yield urls
    servers.postgres().drop_database(urls.name)


@pytest.fixture
def fresh_database_urls(servers: Servers) -> Iterator[DatabaseUrls]:
    """A migrated database of this test alone."""
    urls = servers.new_database()
    yield urls
    servers.postgres().drop_database(urls.name)


@pytest.fixture(scope="session")
def _reused_database(servers: Servers) -> Iterator[tuple[DatabaseUrls, psycopg.Connection[Any]]]:
    urls = servers.new_database()
    with psycopg.connect(urls.admin, autocommit=True) as connection:
        yield urls, connection
    servers.postgres().drop_database(urls.name)


@pytest.fixture
def empty_database_urls(_reused_database: tuple[DatabaseUrls, psycopg.Connection[Any]]) -> Iterator[DatabaseUrls]:
    """A migrated database without rows, for a test that writes nothing but rows.

    They go when the test ends, which takes a tenth of the CPU of `fresh_database_urls`; sequences begin anew, and who
    is still connected is not any more.
    """
    urls, connection = _reused_database
    yield urls
    connection.execute(_ALONE)
    connection.execute(_EMPTY)


@pytest.fixture(scope="session")
def rabbitmq(servers: Servers) -> RabbitMQ:
    """The session's RabbitMQ; `rabbitmq.management()` is an httpx client of its management API."""
    return servers.rabbitmq()


@pytest.fixture(scope="session")
def broker_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    """AMQP URL of a virtual host of this worker."""
    name = f"worker-{uuid.uuid4().hex[:8]}"
    rabbitmq.add_vhost(name)
    yield rabbitmq.url(name)
    rabbitmq.drop_vhost(name)


@pytest.fixture
def fresh_broker_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    """AMQP URL of a virtual host of this test alone."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    rabbitmq.add_vhost(name)
    yield rabbitmq.url(name)
    rabbitmq.drop_vhost(name)


@pytest.fixture(scope="session")
def apiserver(servers: Servers) -> Cluster:
    """The session's Kubernetes API server with our CRDs: `.kubeconfig`, `.kubectl(…)`, `.server_url`."""
    return servers.cluster()


@pytest.fixture
def namespace(apiserver: Cluster) -> Iterator[str]:
    """A namespace of this test."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster_api.create_namespace(apiserver, name)
    yield name
    cluster_api.delete_namespace(apiserver, name)


@pytest.fixture(scope="session")
def key_folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Key folders of a throwaway installation: `.public_keys()`, `.internal_keys(caller)`, `.auth_keys()` …"""
    from mestolocal.secrets import Secrets

    return Secrets(tmp_path_factory.mktemp("secrets"))
