"""`make up`, `down`, `status`, `logs`, `clean`: the platform on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

from . import builds
from .cache import key_of
from .cluster import Cluster
from .gateway import Gateway, Limits
from .installation import Installation, Place, find, leftovers
from .mailbox import mailbox_server, mailbox_url
from .paths import REPO, STATE, PlatformError, tool, venv_bin
from .ports import SERVICES, Ports, check_free, fixed_ports
from .postgres import Postgres, role_names
from .progress import run, say, step
from .prometheus import Prometheus, prometheus_url
from .rabbitmq import RabbitMQ
from .secrets import Secrets, write_private
from .server import Server, remove_tree
from .services import Wiring, cli_environment, migration_environment, our_servers
from .sessions import migrations_hash, service_urls
from .supervise import Supervisor

DATABASE = "mesto"
VHOST = "mesto"
NAMESPACE = "mesto"
_ACCOUNTS = {"renter": "Demo Renter", "owner": "Demo Owner", "moderator": "Demo Moderator"}
_REMEMBERED = STATE / "ports.json"
_STAMPS = STATE / "stamps.json"


def chosen_ports() -> Ports:
    """The ports of this checkout: the environment's, else those it was last started with, else the defaults."""
    known: dict[str, str] = json.loads(_REMEMBERED.read_text()) if _REMEMBERED.exists() else {}
    return fixed_ports(
        {**known, **{name: os.environ[name] for name in ("MESTO_PORT", "MESTO_PORT_BASE") if os.environ.get(name)}}
    )


def remember_ports(ports: Ports) -> None:
    base = ports["postgres"] - 1
    write_private(_REMEMBERED, json.dumps({"MESTO_PORT": str(ports["gateway"]), "MESTO_PORT_BASE": str(base)}).encode())


class Platform:
    """The installation of this checkout. Making one starts nothing.

    Raises PlatformError when data of another stands in its way.
    """

    def __init__(self, ports: Ports, installation: Installation | None = None) -> None:
        self.installation = installation or find(Place.here())
        STATE.mkdir(exist_ok=True, mode=0o755)
        self.ports = ports
        self.data = self.installation.data
        self.secrets = Secrets(STATE / "secrets")
        numbers = dict(ports.numbers)
        password = self.secrets.password
        self.postgres = Postgres(self.data / "postgres", ports["postgres"], password("postgres"), throwaway=False)
        words = password("rabbitmq"), password("erlang-cookie")
        self.rabbitmq = RabbitMQ(self.data / "rabbitmq", numbers, *words, throwaway=False)
        self.supervisor = Supervisor(self.data / "run", STATE / "log")

    def role_passwords(self) -> dict[str, str]:
        return {role: self.secrets.password(role) for service in SERVICES for role in role_names(service)}

    def wiring(self, cluster: Cluster) -> Wiring:
        return Wiring(
            state=STATE,
            ports=self.ports,
            secrets=self.secrets,
            database_urls=service_urls(self.ports["postgres"], DATABASE, self.role_passwords()),
            broker_urls=self.rabbitmq.service_urls(VHOST),
            platform_config=REPO / "examples" / "platformconfig.yaml",
            kubeconfig=cluster.operator_kubeconfig,
            extra={"MESTO_SOURCES": sources_hash()},
        )


def sources_hash() -> str:
    """A short name for the state of our Python sources; a process whose sources changed is restarted by `make up`."""
    digest = hashlib.sha256()
    roots = [REPO / "services", REPO / "operator", REPO / "spiders"]
    files = [file for root in roots for file in root.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    for file in sorted([*files, REPO / "examples" / "platformconfig.yaml"]):
        if file.exists():
            digest.update(str(file.relative_to(REPO)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def up() -> None:
    """Takes this machine to a running platform. Safe to repeat: what runs already stays as it is."""
    begun = time.monotonic()
    ports = chosen_ports()
    platform = Platform(ports)
    if not platform.supervisor.running():
        check_free(ports)
        remember_ports(ports)
    elif _REMEMBERED.exists() and dict(ports.numbers) != dict(_running_ports().numbers):
        raise PlatformError("The platform is running on other ports: run `make down` first.")
    say("Mesto: starting the local platform")
    binaries, dist, mail = builds.kubernetes(), builds.frontend(), builds.mailbox()
    cluster = Cluster(STATE / "cluster", binaries, dict(ports.numbers), throwaway=False)
    servers = _all_servers(platform, cluster, dist, mail)
    _start(platform, cluster, servers)
    _write_tools(platform, cluster)
    accounts = _demo_accounts(platform, cluster)
    _apply_examples(cluster)
    _greet(platform, accounts, time.monotonic() - begun)


def _running_ports() -> Ports:
    return fixed_ports(json.loads(_REMEMBERED.read_text()))


def _all_servers(platform: Platform, cluster: Cluster, dist: Path, mail: Path) -> dict[str, list[Server]]:
    """Servers by stage; a stage is started when the one before it is ready."""
    platform.installation.settle()
    platform.postgres.prepare()
    platform.rabbitmq.prepare()
    cluster.prepare()
    gateway = Gateway(platform.data / "gateway", platform.ports, dist, workers=2, limits=Limits.demo())
    gateway.prepare()
    prometheus = Prometheus(STATE / "prometheus", platform.ports)
    prometheus.prepare()
    return {
        "base": [platform.postgres.server(), platform.rabbitmq.epmd(), cluster.etcd()],
        "middle": [platform.rabbitmq.server(), cluster.apiserver()],
        "ours": [
            mailbox_server(STATE / "mail", mail, platform.ports),
            cluster.controller_manager(),
            *our_servers(platform.wiring(cluster)),
            gateway.server(),
            prometheus.server(),
        ],
    }


def _start(platform: Platform, cluster: Cluster, stages: dict[str, list[Server]]) -> None:
    supervisor = platform.supervisor
    supervisor.write([server for stage in stages.values() for server in stage])
    supervisor.start_daemon()
    with step("PostgreSQL and etcd"):
        supervisor.start(stages["base"])
    supervisor.launch(stages["middle"])  # slow starters, which the migrations do not need
    with step("databases and migrations"):
        _databases(platform, cluster)
    with step("RabbitMQ and the Kubernetes API server"):
        supervisor.start(stages["middle"], 90)
        platform.rabbitmq.add_vhost(VHOST)
        platform.rabbitmq.admit(VHOST)
    with step("custom resource definitions"):
        cluster.install()
        cluster.guard()
    with step("services, workers, scrapyd, operator, mailbox, gateway, Prometheus"):
        supervisor.start(stages["ours"], 120)


def _databases(platform: Platform, cluster: Cluster) -> None:
    postgres = platform.postgres
    if not postgres.has_database(DATABASE):
        _STAMPS.unlink(missing_ok=True)  # what was put into an earlier database is gone with it
        postgres.create_roles(platform.role_passwords())
        postgres.create_database(DATABASE)
    current = migrations_hash()
    if _stamp("migrations") == current:
        return
    postgres.create_roles(platform.role_passwords())
    postgres.create_schemas(DATABASE)
    environment = migration_environment(platform.wiring(cluster))
    run([venv_bin("python"), "-m", "mesto.common.database.migrate", "all"], env=environment, cwd=REPO, timeout=600)
    _set_stamp("migrations", current)


def _stamp(name: str) -> str | None:
    """What was last put into the database under this name, so that a second `make up` need not do it again."""
    stamps: dict[str, str] = json.loads(_STAMPS.read_text()) if _STAMPS.exists() else {}
    return stamps.get(name)


def _set_stamp(name: str, value: str) -> None:
    stamps = json.loads(_STAMPS.read_text()) if _STAMPS.exists() else {}
    write_private(_STAMPS, json.dumps({**stamps, name: value}, indent=1).encode())


def _namespace(cluster: Cluster, name: str) -> None:
    manifest = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=manifest)


def _apply_examples(cluster: Cluster) -> None:
    """Applies texts, policy, spaces and places of the demo, once: what a person changes afterwards stays so."""
    places, texts = REPO / "examples" / "geo", REPO / "examples" / "texts"
    policy = REPO / "examples" / "platformconfig.yaml"
    files = [policy, *sorted((REPO / "examples" / "spaces").rglob("*.yaml"))]
    current = key_of([*files, *sorted(places.iterdir()), *sorted(texts.iterdir())])
    if _stamp("examples") == current:
        return
    with step("examples"):
        documents = [document for file in files for document in yaml.safe_load_all(file.read_text("utf-8")) if document]
        for namespace in sorted({document["metadata"].get("namespace", NAMESPACE) for document in documents}):
            _namespace(cluster, namespace)
        cluster.kubectl("apply", "-k", str(texts))  # first: the policy names them
        words = [word for file in files for word in ("-f", str(file))]
        cluster.kubectl("apply", *words)
        cluster.kubectl("apply", "-k", str(places))
    _set_stamp("examples", current)


def mesto(platform: Platform, cluster: Cluster, *arguments: str, **environment: str) -> str:
    """Output of the `mesto` command; what must not stand in the list of processes goes into its environment."""
    environment |= cli_environment(platform.wiring(cluster))
    return run([venv_bin("mesto"), *arguments], env=environment, cwd=REPO, timeout=120)


def _demo_accounts(platform: Platform, cluster: Cluster) -> dict[str, dict[str, str]]:
    """Makes the demo accounts and writes .mesto/demo.json; what exists stays."""
    accounts = {
        role: {"email": f"{role}@mesto.example.org", "password": platform.secrets.human_password(f"demo-{role}")}
        for role in _ACCOUNTS
    }
    current = key_of([], json.dumps(accounts))
    if _stamp("demo") != current:
        with step("demo accounts"):
            for role, account in accounts.items():
                words = ["--email", account["email"], "--name", _ACCOUNTS[role], "--role", role, "--verified"]
                mesto(platform, cluster, "accounts", "create", *words, MESTO_PASSWORD=account["password"])
        _set_stamp("demo", current)
    write_private(STATE / "demo.json", json.dumps(demo_document(platform.ports, accounts), indent=2).encode())
    return accounts


def demo_document(ports: Ports, accounts: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What .mesto/demo.json says: where everything is that a visitor opens, and who may sign in."""
    return {
        "gateway": f"http://127.0.0.1:{ports['gateway']}",
        "mailbox": mailbox_url(ports),
        "prometheus": prometheus_url(ports),
        "accounts": accounts,
    }


def _write_tools(platform: Platform, cluster: Cluster) -> None:
    """.mesto/kubeconfig, .mesto/env and the wrappers in .mesto/bin."""
    shutil.copyfile(cluster.kubeconfig, STATE / "kubeconfig")
    (STATE / "kubeconfig").chmod(0o600)
    folder = STATE / "bin"
    folder.mkdir(exist_ok=True)
    kubeconfig = shlex.quote(str(STATE / "kubeconfig"))
    _script(
        folder / "kubectl",
        f'KUBECONFIG="${{KUBECONFIG:-{STATE / "kubeconfig"}}}" exec {cluster.binaries / "kubectl"} "$@"',
    )
    variables = cli_environment(platform.wiring(cluster)) | {
        "MESTO_ADMIN_DATABASE_URL": platform.postgres.url(DATABASE)
    }
    mine = {name: value for name, value in variables.items() if name.startswith("MESTO_") and name != "MESTO_SOURCES"}
    exports = [f"export {name}={shlex.quote(value)}" for name, value in sorted(mine.items())]
    _script(folder / "mesto", "\n".join([*exports, f'exec {shlex.quote(venv_bin("mesto"))} "$@"']))
    _script(folder / "kubectl-mesto", f'exec {shlex.quote(str(folder / "mesto"))} "$@"')
    _script(folder / "kubectl_complete-mesto", f'exec {shlex.quote(venv_bin("kubectl_complete-mesto"))} "$@"')
    lines = [f"export PATH={shlex.quote(str(folder))}:$PATH", f"export KUBECONFIG={kubeconfig}", *exports]
    write_private(STATE / "env", ("\n".join(lines) + "\n").encode())


def _script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)


def _greet(platform: Platform, accounts: dict[str, dict[str, str]], seconds: float) -> None:
    gateway = f"http://127.0.0.1:{platform.ports['gateway']}"
    if httpx.get(gateway, timeout=10, trust_env=False).status_code != 200:
        raise PlatformError(f"{gateway} does not answer, although everything is started: see `make logs S=gateway`.")
    width = max(len(account["email"]) for account in accounts.values())
    print(f"\nMesto is up after {seconds:.0f} s:  {gateway}")
    print(f"Mailbox:  {mailbox_url(platform.ports)}   Prometheus:  {prometheus_url(platform.ports)}")
    print("\nDemo accounts (also in .mesto/demo.json):")
    for role, account in accounts.items():
        print(f"  {role:<10} {account['email']:<{width}}  {account['password']}")
    print("\nkubectl and mesto are in .mesto/bin:  source .mesto/env")


def down() -> None:
    """Stops everything; data stays."""
    supervisor = Platform(chosen_ports()).supervisor
    if not supervisor.running():
        say("Mesto is not running.")
        return
    _stop(supervisor)


def _stop(supervisor: Supervisor) -> None:
    with step("stopping the platform"):
        order = [name for name in supervisor.states() if name not in ("gateway", "mailbox")]
        supervisor.stop(["mailbox", *order, "gateway"])


def status() -> bool:
    """Prints state and readiness of each process; True when all are running and ready."""
    platform = Platform(chosen_ports())
    if not platform.supervisor.running():
        say("Mesto is not running: make up starts it.")
        return False
    checks = _readiness(platform)
    good = True
    print(f"{'PROCESS':<26}{'STATE':<10}{'READY':<7}{'PID':<9}SINCE")
    for item in platform.supervisor.processes():
        name = item["name"]
        ready = item["statename"] == "RUNNING" and (name not in checks or checks[name].ready())
        good = good and ready
        since = f"{(item['now'] - item['start']) / 60:.0f} min" if item["statename"] == "RUNNING" else item["spawnerr"]
        print(f"{name:<26}{item['statename']:<10}{'yes' if ready else 'no':<7}{item['pid'] or '-':<9}{since}")
    print(
        f"\nhttp://127.0.0.1:{platform.ports['gateway']}   mailbox {mailbox_url(platform.ports)}   "
        f"prometheus {prometheus_url(platform.ports)}"
    )
    return good


def _readiness(platform: Platform) -> dict[str, Server]:
    cluster = Cluster(STATE / "cluster", Path("/"), dict(platform.ports.numbers), throwaway=False)
    gateway = Gateway(platform.data / "gateway", platform.ports, None)
    servers = [
        platform.postgres.server(),
        platform.rabbitmq.epmd(),
        platform.rabbitmq.server(),
        cluster.etcd(),
        cluster.apiserver(),
        cluster.controller_manager(),
        mailbox_server(STATE / "mail", Path("/"), platform.ports),
        gateway.server(),
        Prometheus(STATE / "prometheus", platform.ports).server(),
        *our_servers(platform.wiring(cluster)),
    ]
    return {server.name: server for server in servers}


def logs(names: Sequence[str]) -> None:
    """Follows the logs of these processes, of all of ours without a name."""
    folder = STATE / "log"
    known = sorted(file.stem for file in folder.glob("*.log"))
    for name in names:
        if name not in known:
            raise PlatformError(
                f"There is no log of {name!r}. There are: {', '.join(known) or 'none yet; run make up'}."
            )
    shown = list(names) or [
        name for name in known if name.split("-")[0] in (*SERVICES, "scrapyd", "operator", "gateway")
    ]
    if not shown:
        raise PlatformError("There are no logs yet: run make up.")
    follow = ["-f"] if sys.stdout.isatty() else []
    subprocess.run([tool("tail"), "-n", "40", *follow, *(str(folder / f"{name}.log") for name in shown)], check=False)


def clean() -> None:
    """Stops the platform and deletes its data, that of an earlier checkout at this path too; caches of builds stay."""
    for folder in leftovers(Place.here()):
        supervisor = Supervisor(folder / "run", STATE / "log")
        if supervisor.running():
            _stop(supervisor)
        remove_tree(folder)
    remove_tree(STATE)
    say("The platform's data is deleted. Builds stay in the cache.")
