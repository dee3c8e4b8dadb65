"""The configuration that `make up` gives Prometheus."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mestolocal.paths import tool
from mestolocal.ports import fixed_ports
from mestolocal.prometheus import Prometheus, processes
from mestolocal.services import CELERY_SERVICES


def test_the_configuration_is_one_that_prometheus_takes(tmp_path: Path) -> None:
    Prometheus(tmp_path, fixed_ports({})).prepare()
    command = [tool("promtool"), "check", "config", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_process_of_ours_is_scraped_and_everything_stays_on_loopback(tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path, fixed_ports({}))
    named = {(service, process) for _, service, process in processes()}
    assert {(service, process) for service in CELERY_SERVICES for process in ("api", "worker", "beat")} <= named
    targets = [
        target
        for job in prometheus.config()["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    ]
    assert {target.partition(":")[0] for target in targets} == {"127.0.0.1"}
    assert any(word.startswith("--web.listen-address=127.0.0.1:") for word in prometheus.server().command)
