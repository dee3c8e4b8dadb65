"""Each kind of process is started once from its image, on real servers, and asked for /readyz."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from mestolocal import images
from mestolocal.images import Image
from mestolocal.paths import REPO
from mestolocal.ports import SERVICES, free_ports
from mestolocal.secrets import Secrets
from mestolocal.server import Server
from mestolocal.services import CELERY_SERVICES, Wiring, answers, migration_environment, our_servers
from support.servers.containers import Container, await_ready, container_of, inside, said
from support.servers.session_servers import Servers
from support.waiting import eventually

pytestmark = pytest.mark.timeout(900)
_QUICK = ("--network", "none", "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--read-only")
CELERY = [f"{service}-{process}" for service in CELERY_SERVICES for process in ("worker", "beat")]
PROCESSES = [*SERVICES, *CELERY, "scrapyd", "operator"]
KINDS = {"operator": "operator", "scrapyd": "spiders"}
NEEDED = {"operator": ("catalog",)}  # it is ready while catalog answers


@pytest.fixture(scope="module")
def built() -> dict[str, Image]:
    """All images of this checkout; a machine that cannot build them fails here and says what it needs."""
    return images.build()


@pytest.fixture(scope="module")
def wiring(servers: Servers) -> Iterator[Wiring]:
    """One installation on the session's servers, whose files the containers' user may read."""
    folder = Path(tempfile.mkdtemp(prefix="mesto-images-", dir="/var/tmp"))
    folder.chmod(0o755)
    secrets = Secrets(folder / "secrets")
    broker = servers.rabbitmq()
    vhost = f"images-{uuid.uuid4().hex[:8]}"
    broker.add_vhost(vhost)
    urls = servers.new_database()
    cluster = servers.cluster()
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_bytes(cluster.operator_kubeconfig.read_bytes())
    yield Wiring(
        state=folder,
        ports=free_ports(),
        secrets=secrets,
        database_urls=urls.per_service,
        broker_urls=broker.admit(vhost),
        platform_config=REPO / "examples" / "platformconfig.yaml",
        kubeconfig=kubeconfig,
        namespaces=("default",),
    )
    servers.postgres().drop_database(urls.name)
    broker.drop_vhost(vhost)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def started(built: dict[str, Image], wiring: Wiring, process: str) -> Iterator[Container]:
    """The container of one of our processes, ready."""
    server = next(server for server in our_servers(wiring) if server.name == process)
    server = _adapted(server, wiring)
    volumes = {}
    if "KUBECONFIG" in server.environment:
        assert wiring.kubeconfig is not None
        wiring.kubeconfig.chmod(0o644)
        volumes[wiring.kubeconfig] = server.environment["KUBECONFIG"]
    image = built[KINDS.get(process, "service")].id
    with container_of(server, image, wiring.state / "readable", wiring.platform_config, volumes) as container:
        await_ready(container, server)
        yield container


def _adapted(server: Server, wiring: Wiring) -> Server:
    """With the places that a process writes to or reads from inside a container."""
    command = tuple(word.replace(str(wiring.state / "celery"), "/tmp") for word in server.command)
    inside = {"KUBECONFIG": "/etc/mesto/kubeconfig"} if "KUBECONFIG" in server.environment else {}
    if "MESTO_SCRAPYD_FOLDER" in server.environment:
        inside["MESTO_SCRAPYD_FOLDER"] = "/tmp/scrapyd"
    return dataclasses.replace(server, command=command, environment={**server.environment, **inside})


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_gets_ready_and_ends_when_asked(built: dict[str, Image], wiring: Wiring, process: str) -> None:
    with contextlib.ExitStack() as others:
        for other in NEEDED.get(process, ()):
            others.enter_context(started(built, wiring, other))
        with started(built, wiring, process) as container:
            assert container.stop() == 0, container.log()[-3000:]


def test_the_migration_runs_to_its_end(built: dict[str, Image], wiring: Wiring) -> None:
    environment = dict(inside(migration_environment(wiring)))
    with Container(
        built["service"].id, ["python", "-m", "mesto.common.database.migrate", "all"], environment
    ) as container:
        assert container.wait() == 0, container.log()
        assert container.log().count("schema is up to date") == len(SERVICES)


def test_the_operators_image_has_the_mesto_command(built: dict[str, Image]) -> None:
    assert "accounts" in said("run", "--rm", *_QUICK, built["operator"].id, "mesto", "--help")


def test_the_gateway_serves_the_app_and_reaches_services(built: dict[str, Image], wiring: Wiring) -> None:
    ports = free_ports(("page", "probes"))
    environment = {
        "MESTO_BIND": "127.0.0.1",
        "MESTO_GATEWAY_PORT": str(ports["page"]),
        "MESTO_GATEWAY_INTERNAL_PORT": str(ports["probes"]),
        **{f"MESTO_{name.upper()}_UPSTREAM": f"127.0.0.1:{wiring.ports[f'{name}-public']}" for name in SERVICES},
    }
    page, probes = f"http://127.0.0.1:{ports['page']}", f"http://127.0.0.1:{ports['probes']}"
    with started(built, wiring, "geo"), Container(built["gateway"].id, environment=environment) as container:
        eventually(lambda: answers(f"{probes}/readyz")(), f"/readyz of the gateway: {container.log()}")
        assert answers(f"{probes}/healthz")()
        assert '<div id="app">' in httpx.get(f"{page}/any/page").text
        assert httpx.get(f"{page}/api/geo/cities").status_code == 200
        away = httpx.get(f"{page}/api/booking/bookings")
        assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
        assert httpx.get(f"{page}/readyz").headers["content-type"].startswith("text/html")  # not on the public port
        assert container.stop() == 0, container.log()
