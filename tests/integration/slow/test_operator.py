"""The operator, whose catalog and API server are silent, broken or slow."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import yaml
from support.clients.spaces import conditions, space
from support.faults.network_faults import BROKEN, FaultProxies, Proxy, rewire
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually


@dataclass
class Stage:
    platform: Platform
    catalog: Proxy
    apiserver: Proxy

    def ready(self) -> dict[str, Any]:
        """What the operator's /readyz says."""
        url = f"http://127.0.0.1:{self.platform.ports['operator']}/readyz"
        body: dict[str, Any] = httpx.get(url, timeout=30, trust_env=False).json()
        return body

    def misses(self, check: str) -> None:
        """Wait until the operator says that it misses this; it lives and measures itself meanwhile."""
        eventually(lambda: self.ready()["checks"][check] != "ok", f"the operator misses {check}")
        assert self.ready()["ready"] is False
        base = f"http://127.0.0.1:{self.platform.ports['operator']}"
        assert httpx.get(f"{base}/healthz", timeout=30, trust_env=False).status_code == 200
        assert f'mesto_ready{{check="{check}"}} 0.0' in httpx.get(f"{base}/metrics", timeout=30, trust_env=False).text

    def recovers(self) -> None:
        eventually(lambda: self.ready()["ready"], "the operator is ready again")

    def apply(self, namespace: str, *names: str, **changes: Any) -> None:
        spaces = [space(name, slug=f"{name}-{namespace}", **changes) for name in names]
        self.platform.apply(namespace, *spaces)

    def synced(self, namespace: str, *names: str) -> None:
        """Wait until these resources' newest generations are synced, and each is one row with its address."""

        def every_one_synced() -> bool:
            items = self.platform.resources("cws", namespace)
            for item in items:
                condition = conditions(item).get("Synced", {})
                told = (condition.get("status"), condition.get("observedGeneration"))
                assert told == ("True", item["metadata"]["generation"]), (item["metadata"]["name"], condition)
            return {item["metadata"]["name"] for item in items} == set(names)

        eventually(every_one_synced, f"{', '.join(names)} are synced")
        statement = "SELECT name FROM catalog.spaces WHERE namespace = %s AND NOT removed"
        assert sorted(row[0] for row in self.platform.sql(statement, namespace)) == sorted(names)


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Catalog and the operator, with toxiproxy before the operator."""
    folder, made = tmp_path_factory.mktemp("toxiproxy"), []
    toxics = FaultProxies(folder)

    def wire(platform: Platform) -> None:
        catalog = toxics.proxy("catalog", platform.ports["catalog-internal"])
        apiserver = toxics.proxy("apiserver", platform.cluster.ports["kube-apiserver"])
        # TLS goes through as it is: the certificate is for 127.0.0.1, whatever the port.
        known = yaml.safe_load(platform.cluster.operator_kubeconfig.read_text())
        known["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{apiserver.port}"
        kubeconfig = folder / "operator.kubeconfig"
        kubeconfig.touch(0o600)
        kubeconfig.write_text(yaml.safe_dump(known))
        url = f"http://127.0.0.1:{catalog.port}"
        rewire(platform.children["operator"], MESTO_CATALOG_INTERNAL_URL=url, KUBECONFIG=str(kubeconfig))
        made.append(Stage(platform, catalog, apiserver))

    new_platform("catalog", "operator", tasks=False, before=wire)
    yield made[0]
    toxics.stop()


@pytest.fixture
def here(stage: Stage) -> str:
    return stage.platform.namespace(f"slow-{uuid.uuid4().hex[:8]}")


@pytest.mark.parametrize("kind", [*BROKEN, "slow"])
def test_what_is_applied_while_catalog_fails_is_synced_afterwards(stage: Stage, here: str, kind: str) -> None:
    pid = stage.platform.children["operator"].pid
    stage.apply(here, "before")
    stage.synced(here, "before")
    with stage.catalog.fault(kind):
        stage.apply(here, "before", description={"en": "Edited."})
        stage.apply(here, "during")
        if kind in BROKEN:
            stage.misses("catalog")
        else:
            stage.synced(here, "before", "during")
    stage.synced(here, "before", "during")
    stage.recovers()
    edited = "SELECT description->>'en', generation FROM catalog.spaces WHERE namespace = %s AND name = 'before'"
    assert stage.platform.sql(edited, here) == [("Edited.", 2)]
    assert stage.platform.children["operator"].pid == pid
    assert stage.platform.children["operator"].alive


@pytest.mark.parametrize("kind", [*BROKEN, "slow"])
def test_what_is_applied_while_the_api_server_fails_is_synced_afterwards(stage: Stage, here: str, kind: str) -> None:
    pid = stage.platform.children["operator"].pid
    stage.apply(here, "before")
    stage.synced(here, "before")
    with stage.apiserver.fault(kind):
        stage.apply(here, "before", description={"en": "Edited."})
        stage.apply(here, "during")
        if kind in BROKEN:
            stage.misses("apiserver")
        else:
            stage.synced(here, "before", "during")
    stage.synced(here, "before", "during")
    stage.recovers()
    stage.apply(here, "after")
    stage.synced(here, "before", "during", "after")
    assert stage.platform.children["operator"].pid == pid
    assert stage.platform.children["operator"].alive


def end(stage: Stage) -> int:
    """The operator's exit code after SIGTERM."""
    child = stage.platform.children["operator"]
    os.kill(child.pid, signal.SIGTERM)
    return child.wait(60)


def test_a_reconcile_in_hand_is_repeated_by_the_next_process(stage: Stage, here: str) -> None:
    with stage.catalog.fault("silent"):
        stage.apply(here, "loft")
        eventually(lambda: stage.ready()["checks"]["catalog"] != "ok", "catalog does not answer")
        assert end(stage) == 0
    stage.platform.start("operator")
    stage.synced(here, "loft")


def test_it_ends_in_time_while_the_api_server_is_silent(stage: Stage, here: str) -> None:
    with stage.apiserver.fault("silent"):
        stage.misses("apiserver")
        assert end(stage) == 0
    stage.platform.start("operator")
    stage.apply(here, "loft")
    stage.synced(here, "loft")
