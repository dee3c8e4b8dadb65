"""RabbitMQ: a node of our own, on loopback, with its own epmd, cookie and data."""

from __future__ import annotations

import fcntl
import hmac
import os
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import httpx
from mesto.common.messaging import broker_rights

from .server import PLAIN_HTTP, Server, base_environment, give, own_folder, port_open

_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
_USER = "mesto"


class RabbitMQ:
    """One broker and its epmd. `password` is its administrator's; the guest account does not exist.

    `flags` are the Erlang VM's; tests have some that share the machine better.
    """

    flags: ClassVar[str] = "+sbwt none +sbwtdcpu none +sbwtdio none"

    def __init__(self, folder: Path, ports: dict[str, int], password: str, cookie: str, *, throwaway: bool) -> None:
        self.folder, self.ports = folder, ports
        self._password, self._cookie, self.throwaway = password, cookie, throwaway
        self.user = "rabbitmq" if os.geteuid() == 0 else None

    def url(self, vhost: str, user: str = _USER, password: str = "") -> str:
        """For the administrator, or for another user with their password."""
        who = f"{user}:{password or self._password}"
        return f"amqp://{who}@127.0.0.1:{self.ports['rabbitmq']}/{quote(vhost, safe='')}"

    def prepare(self) -> None:
        own_folder(self.folder, self.user)
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(self._cookie)
            give(cookie, self.user, 0o400)
        plugins = self.folder / "enabled_plugins"
        plugins.write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        give(plugins, self.user, 0o644)
        config = self.folder / "rabbitmq.conf"
        config.write_text(self._config())
        give(config, self.user)

    def _config(self) -> str:
        return "\n".join(
            [
                f"listeners.tcp.default = 127.0.0.1:{self.ports['rabbitmq']}",
                "management.tcp.ip = 127.0.0.1",
                f"management.tcp.port = {self.ports['rabbitmq-management']}",
                "prometheus.tcp.ip = 127.0.0.1",
                f"prometheus.tcp.port = {self.ports['rabbitmq-prometheus']}",
                f"default_user = {_USER}",
                f"default_pass = {self._password}",
                "default_user_tags.administrator = true",
                "default_vhost = mesto",
                "log.console = true",
                "log.console.level = warning",
                "log.file = false",
                "vm_memory_high_watermark.relative = 0.3",
                "disk_free_limit.absolute = 200MB",
                # How soon the management API, which readiness asks, knows of a new consumer (milliseconds).
                "collect_statistics_interval = 1000" if self.throwaway else "collect_statistics_interval = 2000",
                "",
            ]
        )

    def _environment(self) -> dict[str, str]:
        return {
            **base_environment(),
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def epmd(self) -> Server:
        return Server(
            "epmd",
            ("/usr/bin/epmd", "-port", str(self.ports["epmd"]), "-address", "127.0.0.1"),
            lambda: port_open(self.ports["epmd"]),
            self.folder,
            self._environment(),
            self.user,
        )

    def server(self) -> Server:
        environment = {
            **self._environment(),
            "RABBITMQ_NODENAME": f"mesto{self.ports['rabbitmq']}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none.config"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_DIST_PORT": str(self.ports["rabbitmq-distribution"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{127,0,0,1}} {self.flags}",
            # Makes the script replace itself by the Erlang VM, so signals and the parent's death reach the broker.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        command = (str(_SCRIPTS / "rabbitmq-server"),)
        return Server("rabbitmq", command, self.ready, self.folder, environment, self.user, stop_seconds=20)

    def management(self) -> httpx.Client:
        """A client of the management API, for queues and virtual hosts."""
        base = f"http://127.0.0.1:{self.ports['rabbitmq-management']}/api"
        # A virtual host is made on the disk: under load that has taken longer than ten seconds.
        return httpx.Client(base_url=base, auth=(_USER, self._password), timeout=60, trust_env=False, verify=PLAIN_HTTP)

    def ready(self) -> bool:
        if not port_open(self.ports["rabbitmq"]):
            return False
        try:
            with self.management() as client:
                return client.get("/health/checks/virtual-hosts").status_code == 200
        except httpx.HTTPError:
            return False

    def add_vhost(self, name: str) -> None:
        """A virtual host that our user may use. Idempotent."""
        with self.management() as client:
            client.put(f"/vhosts/{quote(name, safe='')}").raise_for_status()
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            client.put(f"/permissions/{quote(name, safe='')}/{_USER}", json=everything).raise_for_status()

    def admit(self, vhost: str) -> dict[str, str]:
        """Makes a user per service, who may do what it needs in this virtual host, and the queues of events.

        Their URLs, by service. Idempotent. One at a time: the broker refuses one of two that make a user at once.
        """
        with (self.folder / "admitting").open("w") as turn, self.management() as client:
            fcntl.flock(turn, fcntl.LOCK_EX)
            document = broker_rights.definitions(vhost, self._service_passwords())
            client.post("/definitions", json=document).raise_for_status()
        return self.service_urls(vhost)

    def service_urls(self, vhost: str) -> dict[str, str]:
        """Where each service finds the broker, and as whom."""
        passwords = self._service_passwords()
        return {name: self.url(vhost, broker_rights.user(name), word) for name, word in passwords.items()}

    def _service_passwords(self) -> dict[str, str]:
        """Made from the administrator's, which cannot be told from them: installations that share a broker agree."""
        key = self._password.encode()
        return {name: hmac.new(key, name.encode(), "sha256").hexdigest()[:32] for name in broker_rights.SERVICES}

    def drop_vhost(self, name: str) -> None:
        with self.management() as client:
            client.delete(f"/vhosts/{quote(name, safe='')}")
