"""Debian's Prometheus: scrapes every process of the platform and evaluates dashboards/alerts.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .paths import REPO, tool
from .ports import SERVICES, Ports
from .server import Server, base_environment
from .services import CELERY_SERVICES, answers

ALERTS = REPO / "dashboards" / "alerts.yml"
KEPT = ("15d", "512MB")
"""How long and how much is kept at most."""


def prometheus_url(ports: Ports) -> str:
    return f"http://127.0.0.1:{ports['prometheus']}"


def processes() -> Iterator[tuple[str, str, str]]:
    """(name of the port, service, process) of everything of ours that answers /metrics."""
    for service in SERVICES:
        yield f"{service}-internal", service, "api"
    for service in CELERY_SERVICES:
        yield f"{service}-worker", service, "worker"
        yield f"{service}-beat", service, "beat"
    yield "operator", "operator", "operator"
    yield "scrapyd", "scrapyd", "scrapyd"


class Prometheus:
    """The Prometheus of one installation. `parts` names who is there, as in `processes`; None: all."""

    def __init__(self, folder: Path, ports: Ports, parts: tuple[str, ...] | None = None, seconds: int = 15) -> None:
        self.folder, self.ports, self.parts, self.seconds = folder, ports, parts, seconds

    def prepare(self) -> None:
        """Writes its configuration."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.write_text(yaml.safe_dump(self.config(), sort_keys=False), "utf-8")

    @property
    def _file(self) -> Path:
        return self.folder / "prometheus.yml"

    def config(self) -> dict[str, Any]:
        """What prometheus.yml says."""
        groups = [
            {"targets": [f"127.0.0.1:{self.ports[port]}"], "labels": {"service": service, "process": process}}
            for port, service, process in processes()
            if self.parts is None or service in self.parts
        ]
        rabbitmq = {"targets": [f"127.0.0.1:{self.ports['rabbitmq-prometheus']}"], "labels": {"service": "rabbitmq"}}
        families = {"family": ["queue_coarse_metrics", "queue_consumer_count"]}
        own = {"targets": [f"127.0.0.1:{self.ports['prometheus']}"], "labels": {"service": "prometheus"}}
        every = f"{self.seconds}s"
        return {
            "global": {"scrape_interval": every, "evaluation_interval": every, "scrape_timeout": every},
            "rule_files": [str(ALERTS)],
            "scrape_configs": [
                # A metric's own `service` says the same as the target's, so it may keep it.
                {"job_name": "mesto", "honor_labels": True, "static_configs": groups},
                {
                    "job_name": "rabbitmq-queues",
                    "metrics_path": "/metrics/detailed",
                    "params": families,
                    "static_configs": [rabbitmq],
                },
                {"job_name": "rabbitmq", "static_configs": [rabbitmq]},
                {"job_name": "prometheus", "static_configs": [own]},
            ],
        }

    def server(self) -> Server:
        """Prometheus, on loopback only; its page is at `prometheus_url`."""
        time, size = KEPT
        command = (
            tool("prometheus"),
            f"--config.file={self._file}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--storage.tsdb.retention.time={time}",
            f"--storage.tsdb.retention.size={size}",
            f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}",
            "--log.level=warn",
        )
        environment = base_environment() | {"HOME": str(self.folder), "GOMAXPROCS": "1"}
        return Server("prometheus", command, answers(f"{prometheus_url(self.ports)}/-/ready"), self.folder, environment)
