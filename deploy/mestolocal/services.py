"""Our own processes: what each one's environment holds, and how it is started. The same for `make up` and the tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from .paths import REPO, venv_bin
from .ports import SERVICES, Ports
from .secrets import Secrets
from .server import PLAIN_HTTP, Server, base_environment

# All have background work of their own: a Celery worker and beat each.
CELERY_SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
# What a developer may set for all processes from outside.
_PASSED_ON = (
    *("MESTO_SENTRY_DSN", "MESTO_LOG_LEVEL", "MESTO_LOG_FORMAT", "MESTO_SECURE_COOKIES"),
    *("MESTO_AUDIT_TIME", "MESTO_AUDIT_SETTLE_SECONDS"),
)


@dataclass(frozen=True)
class Wiring:
    """How the processes of one installation find each other.

    `database_urls` as sessions.service_urls gives them; `broker_urls` by service, each with a user of its own;
    `kubeconfig` is the operator's, `namespaces`
    limits it, empty means the whole cluster; `extra` goes into the environment of every process.
    """

    state: Path
    ports: Ports
    secrets: Secrets
    database_urls: Mapping[str, Mapping[str, str]]
    broker_urls: Mapping[str, str]
    platform_config: Path
    kubeconfig: Path | None = None
    namespaces: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def internal_url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[f'{service}-internal']}"


def common_environment(wiring: Wiring, caller: str) -> dict[str, str]:
    """What every process of ours gets; `caller` is the name it signs internal calls with."""
    environment = {
        **base_environment(),
        "HOME": str(Path.home()),
        "PYTHONUNBUFFERED": "1",
        "MESTO_PUBLIC_URL": wiring.public_url,
        "MESTO_BIND": "127.0.0.1",
        "MESTO_INTERNAL_KEY_DIR": str(wiring.secrets.internal_keys(caller)),
        "MESTO_INTERNAL_PUBLIC_DIR": str(wiring.secrets.public_keys()),
        "MESTO_PLATFORM_CONFIG": str(wiring.platform_config),
        "MESTO_LOG_FORMAT": "json",
    }
    for service in SERVICES:
        environment[f"MESTO_{service.upper()}_INTERNAL_URL"] = wiring.internal_url(service)
    environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return environment | dict(wiring.extra)


def service_environment(wiring: Wiring, service: str) -> dict[str, str]:
    """The environment of one service's processes (API, Celery worker, beat): its own database role and keys only."""
    prefix = f"MESTO_{service.upper()}"
    environment = common_environment(wiring, service) | {
        "MESTO_BROKER_URL": wiring.broker_urls[service],
        f"{prefix}_DATABASE_URL": wiring.database_urls[service]["database"],
        f"{prefix}_PUBLIC_PORT": str(wiring.ports[f"{service}-public"]),
        f"{prefix}_INTERNAL_PORT": str(wiring.ports[f"{service}-internal"]),
    }
    if service == "auth":
        environment["MESTO_AUTH_KEY_DIR"] = str(wiring.secrets.auth_keys())
    if service == "notifications":
        environment["MESTO_NOTIFICATIONS_SMTP_HOST"] = "127.0.0.1"
        environment["MESTO_NOTIFICATIONS_SMTP_PORT"] = str(wiring.ports["mailbox-smtp"])
    return environment


def migration_environment(wiring: Wiring) -> dict[str, str]:
    """The environment of `python -m mesto.common.database.migrate all`: the URLs of the roles that own the schemas."""
    urls = {f"MESTO_{name.upper()}_MIGRATION_URL": urls["migration"] for name, urls in wiring.database_urls.items()}
    return base_environment() | urls


def cli_environment(wiring: Wiring) -> dict[str, str]:
    """The environment of the `mesto` command."""
    return common_environment(wiring, "cli")


def answers(url: str) -> Callable[[], bool]:
    """A condition: `url` answers 200."""

    def check() -> bool:
        try:
            return httpx.get(url, timeout=5, trust_env=False, verify=PLAIN_HTTP).status_code == 200
        except httpx.HTTPError:
            return False

    return check


def api_server(wiring: Wiring, service: str) -> Server:
    """The API process of a service, with its consumers and outbox relay."""
    command = (venv_bin("python"), "-m", f"mesto.{service}.app")
    ready = answers(f"{wiring.internal_url(service)}/readyz")
    return Server(service, command, ready, REPO, service_environment(wiring, service), stop_seconds=45)


def celery_servers(wiring: Wiring, service: str) -> list[Server]:
    """The Celery worker and beat of a service."""
    app = (venv_bin("celery"), "-A", f"mesto.{service}.worker:app", "--quiet")
    quiet = ("--without-gossip", "--without-mingle")
    flags = ("-P", "threads", "-c", "2", "-Q", service, "-n", f"{service}@mesto", *quiet)
    schedule = wiring.state / "celery" / f"{service}-beat"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    return [
        _celery_server(wiring, service, "worker", (*app, "worker", *flags), stop_seconds=30),
        _celery_server(wiring, service, "beat", (*app, "beat", "-s", str(schedule), "--pidfile="), stop_seconds=10),
    ]


def _celery_server(
    wiring: Wiring, service: str, process: str, command: tuple[str, ...], *, stop_seconds: float
) -> Server:
    name = f"{service}-{process}"
    port = wiring.ports[name]
    environment = service_environment(wiring, service) | {"MESTO_PROBE_PORT": str(port)}
    ready = answers(f"http://127.0.0.1:{port}/readyz")
    return Server(name, command, ready, REPO, environment, stop_seconds=stop_seconds)


def operator_server(wiring: Wiring) -> Server:
    """The operator; it needs a kubeconfig."""
    assert wiring.kubeconfig is not None, "the operator needs a cluster"
    environment = scrapyd_access(wiring) | common_environment(wiring, "operator")  # a test may name another scrapyd
    environment |= {
        "KUBECONFIG": str(wiring.kubeconfig),
        "MESTO_OPERATOR_PORT": str(wiring.ports["operator"]),
        "MESTO_OPERATOR_NAMESPACES": ",".join(wiring.namespaces),
    }
    ready = answers(f"http://127.0.0.1:{wiring.ports['operator']}/readyz")
    return Server(
        "operator", (venv_bin("python"), "-m", "mesto.operator.main"), ready, REPO, environment, stop_seconds=25
    )


def spider_environment(wiring: Wiring) -> dict[str, str]:
    """The environment of spiders: they bring what they find to catalog, and have no database and no broker."""
    return common_environment(wiring, "spiders")


def scrapyd_url(wiring: Wiring) -> str:
    """Where scrapyd listens."""
    return f"http://127.0.0.1:{wiring.ports['scrapyd']}"


def scrapyd_access(wiring: Wiring) -> dict[str, str]:
    """What those get who may give scrapyd work."""
    return {
        "MESTO_SCRAPYD_URL": scrapyd_url(wiring),
        "MESTO_SCRAPYD_USERNAME": "mesto",
        "MESTO_SCRAPYD_PASSWORD": wiring.secrets.password("scrapyd"),
    }


def scrapyd_server(wiring: Wiring) -> Server:
    """scrapyd, which starts spiders; its databases and the logs of its jobs are in `<state>/scrapyd`."""
    environment = spider_environment(wiring) | {
        "MESTO_SCRAPYD_PORT": str(wiring.ports["scrapyd"]),
        "MESTO_SCRAPYD_FOLDER": str(wiring.state / "scrapyd"),
        "MESTO_SCRAPYD_PASSWORD": wiring.secrets.password("scrapyd"),
    }
    command = (venv_bin("python"), "-m", "mesto.spiders.daemon")
    ready = answers(f"{scrapyd_url(wiring)}/readyz")
    return Server("scrapyd", command, ready, REPO / "spiders", environment, stop_seconds=30)


def our_servers(wiring: Wiring) -> list[Server]:
    """All our processes, in the order in which they are started."""
    servers = [api_server(wiring, service) for service in SERVICES]
    for service in CELERY_SERVICES:
        servers += celery_servers(wiring, service)
    servers.append(scrapyd_server(wiring))
    if wiring.kubeconfig is not None:
        servers.append(operator_server(wiring))
    return servers
