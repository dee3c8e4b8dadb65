"""Whole platforms of real processes for tests: every service, its workers, the operator, the mailbox, the gateway."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from mestolocal import builds
from mestolocal.cluster import Cluster
from mestolocal.gateway import Gateway, Limits
from mestolocal.mailbox import mailbox_server, mailbox_url
from mestolocal.paths import REPO, venv_bin
from mestolocal.policy import without_limits
from mestolocal.ports import Ports, free_ports
from mestolocal.postgres import Postgres
from mestolocal.prometheus import Prometheus, prometheus_url
from mestolocal.rabbitmq import RabbitMQ
from mestolocal.secrets import Secrets
from mestolocal.server import Child, Server
from mestolocal.services import Wiring, cli_environment, operator_server, our_servers
from mestolocal.sessions import SessionServers, service_urls
from support.clients import cluster_api
from support.clients.superuser import Superuser
from support.servers.session_servers import Servers


@dataclass(frozen=True)
class Mail:
    """One e-mail as the mailbox received it."""

    subject: str
    text: str
    html: str
    raw: dict[str, Any]


@dataclass(frozen=True)
class Mailbox:
    """The platform's local mailbox; its page is at `url`."""

    url: str

    def to(self, address: str) -> list[Mail]:
        """E-mails to an address, oldest first; empty while there are none."""
        mails: list[dict[str, Any]] = httpx.get(f"{self.url}/api/email", timeout=10, trust_env=False).json()
        mine = [mail for mail in mails if any(address == known["address"] for known in mail["envelope"]["to"])]
        mine.sort(key=lambda mail: mail["time"])
        return [Mail(mail["subject"], mail.get("text") or "", mail.get("html") or "", mail) for mail in mine]

    def of_bookings(self, address: str) -> list[Mail]:
        """E-mails to an address about bookings, oldest first."""
        return [mail for mail in self.to(address) if "/bookings/" in mail.text]

    def links(self, address: str, page: str = "verify") -> list[str]:
        """Links to a page with a token, by default to the one that verifies an address, oldest first."""
        link = re.compile(rf"http\S+/{page}\?token=\S+")
        return [found[0] for mail in self.to(address) if (found := link.search(mail.text))]


class Borrowed(SessionServers):
    """PostgreSQL and RabbitMQ of the test session, which others use meanwhile, and an API server of one's own."""

    with_controllers = False

    def __init__(self, session: Servers) -> None:
        super().__init__()
        self._session = session
        self.ports["rabbitmq-prometheus"] = session.rabbitmq().ports["rabbitmq-prometheus"]

    def postgres(self) -> Postgres:
        return self._session.postgres()

    def role_passwords(self) -> dict[str, str]:
        roles: dict[str, str] = self._session.postgres_data["roles"]
        return roles

    def rabbitmq(self) -> RabbitMQ:
        return self._session.rabbitmq()

    def template(self) -> tuple[str, dict[str, str]]:
        return self._session.template()


class Platform:
    """Processes of one installation, each by its name (`catalog`, `booking-worker`, `operator`, `gateway` …).

    `parts` are services, `scrapyd`, `operator`, `gateway`, `mailbox` and `prometheus`; a service brings its Celery
    worker and beat, unless there are to be no `tasks`. `wrap` may start a process another way.
    """

    def __init__(
        self,
        servers: SessionServers,
        parts: Sequence[str],
        *,
        dist: Path | None,
        env: dict[str, str],
        tasks: bool = True,
        wrap: Callable[[Server], Server] = lambda server: server,
    ) -> None:
        self.servers = servers
        self.folder = Path(tempfile.mkdtemp(prefix="platform-", dir=servers.folder))
        self.folder.chmod(0o755)
        self.logs = self.folder / "log"
        self.logs.mkdir()
        self.ports = free_ports()
        self.secrets = Secrets(self.folder / "secrets")
        self.vhost = self.database = f"platform_{uuid.uuid4().hex[:8]}"
        self.children: dict[str, Child] = {}
        self.superuser = Superuser(self.postgres.url(self.database))
        self.wiring = self._wire(parts, env)
        for server in self._chosen(parts, dist, tasks):
            self.children[server.name] = Child(wrap(server), self.logs)

    def _wire(self, parts: Sequence[str], env: dict[str, str]) -> Wiring:
        postgres, rabbitmq = self.postgres, self.rabbitmq
        template, failures = self.servers.template()
        for part in parts:
            assert part not in failures, f"migrations of {part} failed:\n{failures[part]}"
        postgres.create_database(self.database, template)
        rabbitmq.add_vhost(self.vhost)
        return Wiring(
            state=self.folder,
            ports=self.ports,
            secrets=self.secrets,
            database_urls=service_urls(postgres.port, self.database, self.servers.role_passwords()),
            broker_urls=rabbitmq.admit(self.vhost),
            platform_config=without_limits(self.folder),
            kubeconfig=self.cluster.operator_kubeconfig if "operator" in parts else None,
            extra={"MESTO_OPERATOR_LEASE_NAME": self.database.replace("_", "-"), **env},
        )

    def _chosen(self, parts: Sequence[str], dist: Path | None, tasks: bool) -> Iterator[Server]:
        for server in our_servers(self.wiring):
            part, _, process = server.name.partition("-")
            if part in parts and (tasks or not process):
                yield server
        if "mailbox" in parts:
            yield mailbox_server(self.folder / "mail", builds.mailbox(), self.ports)
        if "prometheus" in parts:
            prometheus = Prometheus(self.folder / "prometheus", self._scraped, tuple(parts), seconds=1)
            prometheus.prepare()
            yield prometheus.server()
        if "gateway" in parts:
            gateway = Gateway(self.folder / "gateway", self.ports, dist, limits=Limits.wide())
            gateway.prepare()
            yield gateway.server()

    @property
    def _scraped(self) -> Ports:
        """Our ports, and RabbitMQ's, which belongs to the servers under us."""
        under = {"rabbitmq-prometheus": self.servers.ports["rabbitmq-prometheus"]}
        return Ports({**self.ports.numbers, **under})

    @property
    def prometheus(self) -> str:
        """Address of Prometheus."""
        return prometheus_url(self.ports)

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
    def mailbox(self) -> Mailbox:
        return Mailbox(mailbox_url(self.ports))

    def url(self, service: str) -> str:
        """Address of a service's public port."""
        return f"http://127.0.0.1:{self.ports[f'{service}-public']}"

    def internal_url(self, service: str) -> str:
        """Address of a service's internal port."""
        return self.wiring.internal_url(service)

    def internal_client(self, service: str, caller: str) -> httpx.Client:
        """A client of a service's internal API that signs as `caller`."""
        from mesto.common.identity.signing import CallerAuth
        from mesto.common.settings import CommonSettings

        settings = CommonSettings(internal_key_dir=self.secrets.internal_keys(caller))
        auth = CallerAuth(settings, caller, service)
        return httpx.Client(base_url=self.internal_url(service), auth=auth, timeout=30, trust_env=False)

    # Tools.

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement, as the superuser; for looking, and for planting what no API can make."""
        return self.superuser.sql(statement, *values)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Output of kubectl as the cluster's administrator. Raises PlatformError with what it said."""
        return self.cluster.kubectl(*arguments, stdin=stdin)

    def resource(self, kind: str, name: str, namespace: str) -> cluster_api.Manifest:
        """A resource as the API server has it; kinds go by kubectl's names. Raises PlatformError without one."""
        return cluster_api.resource(self.cluster, kind, name, namespace)

    def resources(self, kind: str, namespace: str) -> list[cluster_api.Manifest]:
        """All resources of a kind in a namespace."""
        return cluster_api.resources(self.cluster, kind, namespace)

    def gone(self, kind: str, name: str, namespace: str) -> bool:
        """Whether a namespace has no such resource (any more)."""
        return name not in cluster_api.names(self.cluster, kind, namespace)

    def apply(self, namespace: str, *manifests: cluster_api.Manifest) -> None:
        """Applies resources without a process of kubectl; where people use kubectl, tests do so, too."""
        cluster_api.apply(self.cluster, namespace, *manifests)

    def change(self, kind: str, name: str, namespace: str, patch: cluster_api.Manifest) -> None:
        """Merges a patch into a resource, as `kubectl patch --type=merge`."""
        cluster_api.change(self.cluster, kind, name, namespace, patch)

    def annotate(self, kind: str, name: str, namespace: str, annotation: str) -> None:
        """Sets `name=value`, or takes `name-` away, as `kubectl annotate --overwrite`."""
        key, equals, value = annotation.partition("=")
        told = {key: value} if equals else {key.removesuffix("-"): None}
        self.change(kind, name, namespace, {"metadata": {"annotations": told}})

    def delete(self, kind: str, name: str, namespace: str, *, wait: bool = True) -> None:
        """Deletes a resource and waits until it is gone."""
        cluster_api.delete(self.cluster, kind, name, namespace, wait=wait)

    def delete_all(self, kind: str, namespace: str) -> None:
        """Deletes all resources of a kind in a namespace and waits until they are gone."""
        cluster_api.delete_all(self.cluster, kind, namespace)

    def namespace(self, name: str) -> str:
        """A new namespace of that name; the operator looks after all of them."""
        cluster_api.create_namespace(self.cluster, name)
        return name

    @property
    def auth_keys(self) -> Path:
        """Folder of the keys that sign people's access tokens."""
        return self.secrets.auth_keys()

    @property
    def mesto_command(self) -> list[str]:
        """The `mesto` command of this platform, for subprocess."""
        script = self.folder / "mesto"
        if not script.exists():
            words = shlex.join(f"{name}={value}" for name, value in cli_environment(self.wiring).items())
            script.write_text(f'#!/bin/sh\nexec env -i {words} {shlex.quote(venv_bin("mesto"))} "$@"\n')
            script.chmod(0o700)
        return [str(script)]

    def mesto(self, *arguments: str) -> str:
        """What the `mesto` command printed on standard output. Fails with what it said otherwise."""
        command = [*self.mesto_command, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPO, timeout=120)
        assert done.returncode == 0, f"mesto {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    # Life and death.

    def _child(self, name: str) -> Child:
        """A process by name, one of ours or a server under them (`rabbitmq`, `postgres`, `kube-apiserver`, `etcd`)."""
        return self.children.get(name) or self.servers.children[name]

    def start(self, *names: str) -> None:
        """Starts these processes side by side (all of ours without a name) and returns when each is ready."""
        chosen = [self._child(name) for name in names or self.children]
        for child in chosen:
            child.launch()
        for child in chosen:
            child.wait_ready()

    def add_operator(self, name: str) -> None:
        """Starts one more operator, which stands by while another works."""
        ports = Ports({**self.ports.numbers, "operator": free_ports(("operator",))["operator"]})
        server = replace(operator_server(replace(self.wiring, ports=ports)), name=name)
        self.children[name] = Child(server, self.logs)
        self.start(name)

    def kill(self, name: str) -> None:
        """kill -9."""
        self._child(name).kill()

    def stop(self, name: str) -> None:
        """SIGTERM, then wait."""
        self._child(name).stop()

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return self._child(name).tail(200)

    def close(self) -> None:
        """Ends all processes; what it had of the servers under them goes, the folder goes with its session."""
        for child in reversed(self.children.values()):
            child.kill()
        self.superuser.close()
        if isinstance(self.servers, Borrowed):
            self.rabbitmq.drop_vhost(self.vhost)
            self.postgres.drop_database(self.database)


EVERYTHING = ("auth", "catalog", "booking", "geo", "notifications", "scrapyd", "operator", "mailbox", "gateway")
PlatformFactory = Callable[..., Platform]


class Platforms:
    """Platforms on the same servers, which `start` makes; what is started here is ended here."""

    def __init__(self, start: Callable[[], SessionServers] = SessionServers) -> None:
        self._start = start
        self._made: list[Platform] = []
        self._servers: list[SessionServers] = []

    def make(
        self,
        *parts: str,
        frontend: bool = False,
        env: dict[str, str] | None = None,
        tasks: bool = True,
        before: Callable[[Platform], None] | None = None,
    ) -> Platform:
        if not self._servers:
            self._servers.append(self._start())
        dist = builds.frontend() if frontend else None
        platform = Platform(self._servers[0], parts or EVERYTHING, dist=dist, env=env or {}, tasks=tasks)
        self._made.append(platform)
        if before is not None:
            before(platform)
        platform.start()
        return platform

    def close(self) -> None:
        for platform in self._made:
            platform.close()
            if keep := os.environ.get("MESTO_TEST_LOGS"):
                shutil.copytree(platform.logs, Path(keep) / platform.database, dirs_exist_ok=True)
        for server in self._servers:
            server.stop()


@pytest.fixture(scope="module")
def new_platform(servers: Servers) -> Iterator[PlatformFactory]:
    """Makes platforms: `new_platform("catalog", "geo")` starts those parts, all of them without a name.

    PostgreSQL and RabbitMQ are the session's, so a test must not kill them; the API server is of this module alone.
    `frontend=True` builds and serves the single-page app; `tasks=False` leaves out Celery's workers and beats;
    `before` may rewire the platform before its processes start.
    """
    platforms = Platforms(lambda: Borrowed(servers))
    yield platforms.make
    platforms.close()


@pytest.fixture(scope="module")
def new_platform_to_break() -> Iterator[PlatformFactory]:
    """The same on servers of this test module alone, which a test may kill (`platform.kill("rabbitmq")`)."""
    platforms = Platforms()
    yield platforms.make
    platforms.close()
