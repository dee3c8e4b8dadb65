"""Servers for one test session or one developer: started when first asked for, gone when the session ends.

Everything lies under one random folder of /var/tmp; databases are copies of a template that has all migrations.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mesto.common.database import bootstrap

from . import builds
from .cluster import Cluster
from .paths import REPO, venv_bin
from .ports import SERVICES, free_ports
from .postgres import Postgres, role_names
from .rabbitmq import RabbitMQ
from .secrets import Secrets
from .server import Child, Server, base_environment, remove_tree

_FOLDERS, _PREFIX = Path("/var/tmp"), "mesto-test-"


class SessionServers:
    """PostgreSQL, RabbitMQ and a Kubernetes API server of one session. Methods may be called from any thread.

    Answers are plain data, since workers of pytest-xdist ask over a socket. `durable` servers keep what they have
    acknowledged when they are killed; the others are faster. Without `with_controllers` the API server has no
    controllers until `controllers` is called: an operator needs none.
    """

    with_controllers = True

    def __init__(self, *, durable: bool = False) -> None:
        self._throwaway = not durable
        with _nobody_else_sweeps():
            _sweep()
            self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_FOLDERS))
            self.folder.chmod(0o755)
            self._lock_file = (self.folder / ".lock").open("w")
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        self.logs = self.folder / "log"
        self.logs.mkdir()
        self.secrets = Secrets(self.folder / "secrets")
        self.ports = dict(free_ports().numbers)
        self.children: dict[str, Child] = {}
        self._mutex = threading.RLock()
        self._postgres: Postgres | None = None
        self._rabbitmq: RabbitMQ | None = None
        self._bare_cluster: Cluster | None = None
        self._cluster: Cluster | None = None

    def _start(self, server: Server) -> None:
        self.children[server.name] = Child(server, self.logs).start()

    def postgres(self) -> Postgres:
        with self._mutex:
            if self._postgres is None:
                password = self.secrets.password("postgres")
                self._postgres = Postgres(
                    self.folder / "postgres", self.ports["postgres"], password, throwaway=self._throwaway
                )
                self._postgres.prepare()
                self._start(self._postgres.server())
                self._postgres.create_roles(self.role_passwords())
            return self._postgres

    def role_passwords(self) -> dict[str, str]:
        return {role: self.secrets.password(role) for service in SERVICES for role in role_names(service)}

    def rabbitmq(self) -> RabbitMQ:
        with self._mutex:
            if self._rabbitmq is None:
                words = self.secrets.password("rabbitmq"), self.secrets.password("erlang-cookie")
                self._rabbitmq = RabbitMQ(self.folder / "rabbitmq", self.ports, *words, throwaway=True)
                self._rabbitmq.prepare()
                self._start(self._rabbitmq.epmd())
                self._start(self._rabbitmq.server())
            return self._rabbitmq

    def bare_cluster(self) -> Cluster:
        """Return the API server, which knows nothing of Mesto unless `cluster` was asked for."""
        with self._mutex:
            if self._bare_cluster is None:
                self._bare_cluster = Cluster(
                    self.folder / "cluster", builds.kubernetes(), self.ports, throwaway=self._throwaway
                )
                self._bare_cluster.prepare()
                self._start(self._bare_cluster.etcd())
                self._start(self._bare_cluster.apiserver())
                if self.with_controllers:
                    self._start(self._bare_cluster.controller_manager())
            return self._bare_cluster

    def controllers(self) -> None:
        """Start what ends namespaces and adds our rules to Kubernetes' roles, where it does not run yet."""
        with self._mutex:
            if "kube-controller-manager" not in self.children:
                self._start(self.bare_cluster().controller_manager())

    def cluster(self) -> Cluster:
        """Return the API server with the CRDs of crds/ installed."""
        with self._mutex:
            if self._cluster is None:
                self._cluster = self.bare_cluster()
                self._cluster.install()
            return self._cluster

    # What workers ask for, as plain data.

    def postgres_data(self) -> dict[str, Any]:
        server = self.postgres()
        data = {"folder": str(server.folder), "port": server.port, "password": self.secrets.password("postgres")}
        return {**data, "roles": self.role_passwords()}

    def rabbitmq_data(self) -> dict[str, Any]:
        server = self.rabbitmq()
        words = {"password": self.secrets.password("rabbitmq"), "cookie": self.secrets.password("erlang-cookie")}
        return {"folder": str(server.folder), "ports": server.ports, **words}

    def cluster_data(self) -> dict[str, Any]:
        server = self.cluster()
        return {"folder": str(server.folder), "binaries": str(server.binaries), "ports": server.ports}

    def template(self) -> tuple[str, dict[str, str]]:
        """(template database with all migrations, what went wrong by service). One per state of the migrations."""
        with self._mutex:
            return self._template()

    def _template(self) -> tuple[str, dict[str, str]]:
        postgres = self.postgres()
        name = f"template_{migrations_hash()}"
        failures_file = self.folder / f"{name}.failures"
        if not postgres.has_database(name):
            postgres.create_database(name)
            postgres.create_schemas(name)
            failures = migrate(postgres, name, self.role_passwords())
            failures_file.write_text(json.dumps(failures))
        known: dict[str, str] = json.loads(failures_file.read_text())
        return name, known

    def stop(self) -> None:
        """Ends every server and removes the folder."""
        with self._mutex:
            for child in reversed(self.children.values()):
                child.kill()
            self._lock_file.close()
            remove_tree(self.folder)


def service_urls(port: int, database: str, roles: dict[str, str]) -> dict[str, dict[str, str]]:
    """Per service `{"database": …, "migration": …}`: SQLAlchemy URLs of its working role and of its schema's owner."""
    urls = {}
    for service in SERVICES:
        owner, user = role_names(service)
        base = f"127.0.0.1:{port}/{database}"
        urls[service] = {
            "database": f"postgresql+asyncpg://{user}:{roles[user]}@{base}",
            "migration": f"postgresql+asyncpg://{owner}:{roles[owner]}@{base}",
        }
    return urls


def _migration_files() -> Iterator[Path]:
    yield from (REPO / "services" / "mesto").glob("*/migrations/**/*.py")
    yield from Path(bootstrap.__file__).parent.glob("*.py")  # wherever what migrates lives
    yield REPO / "deploy" / "mestolocal" / "postgres.py"


def migrations_hash() -> str:
    """A short name for the present state of all migrations."""
    digest = hashlib.sha256()
    for file in sorted(_migration_files()):
        digest.update(str(file.relative_to(REPO)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def migrate(postgres: Postgres, database: str, roles: dict[str, str]) -> dict[str, str]:
    """Runs every service's migrations; what went wrong by service. A service without migrations is left out."""
    urls = service_urls(postgres.port, database, roles)
    names = [name for name in SERVICES if (REPO / "services/mesto" / name / "migrations/env.py").exists()]
    environment = base_environment()
    for service in names:
        environment[f"MESTO_{service.upper()}_MIGRATION_URL"] = urls[service]["migration"]

    def run(services: list[str]) -> str:
        command = [venv_bin("python"), "-m", "mesto.common.database.migrate", *services]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=REPO)
        return "" if done.returncode == 0 else (done.stderr or done.stdout)[-3000:] or f"exit code {done.returncode}"

    if not names or not run(names):
        return {}
    return {service: said for service in names if (said := run([service]))}


@contextlib.contextmanager
def _nobody_else_sweeps() -> Iterator[None]:
    """A folder that is not locked yet looks like one that was left behind: whoever makes one keeps others out."""
    with (_FOLDERS / f"mesto-sessions-{os.getuid()}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sweep() -> None:
    """Removes the folders of sessions that were killed and could not."""
    with _nobody_else_sweeps():
        _sweep()


def _sweep() -> None:
    for folder in _FOLDERS.glob(f"{_PREFIX}*"):
        try:
            with (folder / ".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def dev_servers(*, kubernetes: bool) -> None:
    """Servers for a developer, in the foreground until Ctrl-C or until the terminal is gone; prints what to export."""
    servers = SessionServers()
    try:
        database = "mesto"
        template, failures = servers.template()
        servers.postgres().create_database(database, template)
        servers.rabbitmq().add_vhost("mesto")
        exports = {"MESTO_BROKER_URL": servers.rabbitmq().url("mesto")}
        for service, urls in service_urls(servers.postgres().port, database, servers.role_passwords()).items():
            exports[f"MESTO_{service.upper()}_DATABASE_URL"] = urls["database"]
            exports[f"MESTO_{service.upper()}_MIGRATION_URL"] = urls["migration"]
        exports["MESTO_INTERNAL_PUBLIC_DIR"] = str(servers.secrets.public_keys())
        exports["MESTO_INTERNAL_KEY_DIR"] = str(servers.secrets.all_internal_keys())
        exports["MESTO_AUTH_KEY_DIR"] = str(servers.secrets.auth_keys())
        exports["MESTO_ADMIN_DATABASE_URL"] = servers.postgres().url(database)
        if kubernetes:
            exports["KUBECONFIG"] = str(servers.cluster().kubeconfig)
        for name, value in exports.items():
            print(f"export {name}='{value}'")
        for service, said in failures.items():
            print(f"# the migrations of {service} failed: {said}")
        print("# ready; Ctrl-C ends these servers", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        servers.stop()
