"""Whole platforms of real processes for tests: every service, its workers, the operator, the mailbox, the gateway."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from mestolocal import builds
from mestolocal.cluster import Cluster
from mestolocal.gateway import Gateway
from mestolocal.mailbox import mailbox_server, mailbox_url
from mestolocal.paths import REPO, PlatformError, venv_bin
from mestolocal.ports import free_ports
from mestolocal.postgres import Postgres
from mestolocal.rabbitmq import RabbitMQ
from mestolocal.secrets import Secrets
from mestolocal.server import Child, Server
from mestolocal.services import Wiring, cli_environment, our_servers
from mestolocal.sessions import SessionServers, service_urls

_WITH_BACKGROUND = ("booking", "notifications")


class Platform:
    """Processes of one installation, each by its name (`catalog`, `booking-worker`, `operator`, `gateway` …).

    `parts` are services, `operator`, `gateway` and `mailbox`; a service brings its Celery worker and beat.
    """

    def __init__(
        self, servers: SessionServers, parts: Sequence[str], *, dist: Path | None, env: dict[str, str]
    ) -> None:
        self.servers = servers
        self.folder = Path(tempfile.mkdtemp(prefix="platform-", dir=servers.folder))
        self.folder.chmod(0o755)
        self.logs = self.folder / "log"
        self.logs.mkdir()
        self.ports = free_ports()
        self.secrets = Secrets(self.folder / "secrets")
        self.vhost = self.database = f"platform_{uuid.uuid4().hex[:8]}"
        self.namespace = f"mesto-{uuid.uuid4().hex[:8]}"
        self.children: dict[str, Child] = {}
        self.wiring = self._wire("operator" in parts, env)
        for server in self._chosen(parts, dist):
            self.children[server.name] = Child(server, self.logs)

    def _wire(self, with_cluster: bool, env: dict[str, str]) -> Wiring:
        postgres, rabbitmq = self.postgres, self.rabbitmq
        template, failures = self.servers.template()
        assert not failures, f"migrations failed: {failures}"
        postgres.create_database(self.database, template)
        rabbitmq.add_vhost(self.vhost)
        if with_cluster:
            self.cluster.kubectl("create", "namespace", self.namespace)
        return Wiring(
            state=self.folder,
            ports=self.ports,
            secrets=self.secrets,
            database_urls=service_urls(postgres.port, self.database, self.servers.role_passwords()),
            broker_url=rabbitmq.url(self.vhost),
            queue_consumers=lambda queue: rabbitmq.consumers(self.vhost, queue),
            platform_config=REPO / "examples" / "platformconfig.yaml",
            kubeconfig=self.cluster.kubeconfig if with_cluster else None,
            namespaces=(self.namespace,),
            extra=env,
        )

    def _chosen(self, parts: Sequence[str], dist: Path | None) -> Iterator[Server]:
        for server in our_servers(self.wiring):
            if server.name.split("-")[0] in parts:
                yield server
        if "mailbox" in parts:
            yield mailbox_server(self.folder / "mail", builds.mailbox(), self.ports)
        if "gateway" in parts:
            gateway = Gateway(self.folder / "gateway", self.ports, dist)
            gateway.prepare()
            yield gateway.server()

    @property
    def postgres(self) -> Postgres:
        return self.servers.postgres()

    @property
    def rabbitmq(self) -> RabbitMQ:
        return self.servers.rabbitmq()

    @property
    def cluster(self) -> Cluster:
        return self.servers.cluster()

    # Addresses.

    @property
    def gateway(self) -> str:
        """Address of the gateway."""
        return self.wiring.public_url

    @property
    def mailbox(self) -> str:
        """Address of the mailbox; its API is at `/api/email`."""
        return mailbox_url(self.ports)

    def url(self, service: str) -> str:
        """Address of a service's public port."""
        return f"http://127.0.0.1:{self.ports[f'{service}-public']}"

    def internal_url(self, service: str) -> str:
        """Address of a service's internal port."""
        return self.wiring.internal_url(service)

    def internal_client(self, service: str, caller: str) -> httpx.Client:
        """A client of a service's internal API that signs as `caller`."""
        from mesto.common.settings import CommonSettings
        from mesto.common.tokens import CallerAuth

        settings = CommonSettings(internal_key_dir=self.secrets.internal_keys(caller))
        auth = CallerAuth(settings, caller, service)
        return httpx.Client(base_url=self.internal_url(service), auth=auth, timeout=30, trust_env=False)

    # Tools.

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement, as the superuser; for looking, and for planting what no API can make."""
        with psycopg.connect(self.postgres.url(self.database), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Output of kubectl in this platform's namespace."""
        return self.cluster.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def mesto(self, *arguments: str) -> str:
        """Output of the `mesto` command. Raises PlatformError when it fails."""
        from mestolocal.progress import run

        return run([venv_bin("mesto"), *arguments], env=cli_environment(self.wiring), cwd=REPO, timeout=120)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """E-mails to an address that have reached the mailbox."""
        mails: list[dict[str, Any]] = httpx.get(f"{self.mailbox}/api/email", timeout=10, trust_env=False).json()
        return [
            mail for mail in mails if any(to == known["address"] for known in mail.get("envelope", {}).get("to", []))
        ]

    # Life and death.

    def start(self, *names: str) -> None:
        """Starts these processes side by side (all without a name) and returns when each is ready."""
        chosen = [self.children[name] for name in names or self.children]
        for child in chosen:
            child.launch()
        for child in chosen:
            child.wait_ready()

    def kill(self, name: str) -> None:
        """kill -9."""
        self.children[name].kill()

    def stop(self, name: str) -> None:
        """SIGTERM, then wait."""
        self.children[name].stop()

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return self.children[name].tail(200)

    def close(self) -> None:
        """Ends all processes and drops database, vhost and namespace."""
        for child in reversed(self.children.values()):
            child.kill()
        self.postgres.drop_database(self.database)
        self.rabbitmq.drop_vhost(self.vhost)
        if self.wiring.kubeconfig is not None:
            self._forget_resources()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _forget_resources(self) -> None:
        """Deletes the namespace; its operator is gone, so finalizers are taken off first."""
        try:
            kinds = self.cluster.kubectl("api-resources", "--api-group=mesto.dev", "-o", "name").split()
            for kind in kinds:
                for name in self.kubectl("get", kind, "-o", "name").split():
                    self.kubectl("patch", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false")
        except PlatformError as error:
            print(f"namespace {self.namespace} was left behind: {error}")


EVERYTHING = ("auth", "catalog", "booking", "geo", "notifications", "operator", "mailbox", "gateway")
PlatformFactory = Callable[..., Platform]


@pytest.fixture(scope="module")
def new_platform() -> Iterator[PlatformFactory]:
    """Makes platforms: `new_platform("catalog", "geo")` starts those parts, all of them without a name.

    They stand on servers of this test module alone, so a test may stop PostgreSQL, RabbitMQ or the API server
    (`platform.servers.children["rabbitmq"].stop()`). `frontend=True` builds and serves the single-page app.
    """
    made: list[Platform] = []
    servers: list[SessionServers] = []

    def make(*parts: str, frontend: bool = False, env: dict[str, str] | None = None) -> Platform:
        if not servers:
            servers.append(SessionServers())
        dist = builds.frontend() if frontend else None
        platform = Platform(servers[0], parts or EVERYTHING, dist=dist, env=env or {})
        made.append(platform)
        platform.start()
        return platform

    yield make
    keep = os.environ.get("MESTO_TEST_LOGS")
    for platform in made:
        if keep:
            shutil.copytree(platform.logs, Path(keep) / platform.database, dirs_exist_ok=True)
        platform.close()
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def platform(new_platform: PlatformFactory) -> Platform:
    """A whole platform for one test module, without the single-page app."""
    return new_platform()
