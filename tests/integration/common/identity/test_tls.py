"""TLS inside: a service's internal port, the broker and the database, each by one's own authority and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from asyncio import to_thread
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import kombu.exceptions
import kombu.pools
import pytest
from mesto.common.database.engine import Database
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.messaging.broker import Broker
from mesto.common.settings import CommonSettings
from mesto.common.worker.tasks import celery_app
from mestolocal.paths import REPO
from mestolocal.ports import free_ports
from support.servers.geo import MOSCOW, config
from support.servers.session_servers import DatabaseUrls
from support.servers.tls import Authority
from support.waiting import eventually


class Secured(NamedTuple):
    """Where a geo whose internal port has TLS can be reached."""

    internal: int
    probes: int


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


@pytest.fixture
def other(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "theirs")


@pytest.fixture
def secured(
    database_urls: DatabaseUrls, key_folders: Any, broker_url: str, authority: Authority, tmp_path: Path
) -> Iterator[Secured]:
    """A geo as the chart starts it with ``internalTls``."""
    file = tmp_path / "platformconfig.yaml"
    file.write_text(config(MOSCOW))
    ports = free_ports(("public", "internal", "probes"))
    told = {
        "GEO_DATABASE_URL": database_urls["geo"],
        "BROKER_URL": broker_url,
        "GEO_PUBLIC_PORT": ports["public"],
        "GEO_INTERNAL_PORT": ports["internal"],
        "PROBE_PORT": ports["probes"],
        "INTERNAL_PUBLIC_DIR": key_folders.public_keys(),
        "INTERNAL_KEY_DIR": key_folders.internal_keys("geo"),
        "INTERNAL_TLS_CA": authority.ca,
        "INTERNAL_TLS_CERT": authority.pair[0],
        "INTERNAL_TLS_KEY": authority.pair[1],
        "PLATFORM_CONFIG": file,
    }
    environment = os.environ | {f"MESTO_{name}": str(value) for name, value in told.items()}
    process = subprocess.Popen([sys.executable, "-m", "mesto.geo.app"], env=environment, cwd=REPO)
    try:
        yield Secured(ports["internal"], ports["probes"])
    finally:
        process.terminate()
        process.wait(60)


async def test_an_internal_port_is_reached_by_its_authority_and_no_other(
    secured: Secured, authority: Authority, other: Authority, key_folders: Any
) -> None:
    def ready() -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{secured.probes}/readyz", timeout=15, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    eventually(ready, "geo is ready, says its plain port")

    async def failed_call(scheme: str, ca: Path) -> Exception:
        """What becomes of a call for what is not there."""
        url = f"{scheme}://127.0.0.1:{secured.internal}"
        keys = key_folders.internal_keys("operator")
        client = InternalClient(
            CommonSettings(geo_internal_url=url, internal_key_dir=keys, internal_tls_ca=ca), "operator", "geo"
        )
        with pytest.raises((RequestRejected, ServiceUnavailable)) as raised:
            await client.call("GET", "/internal/datasets/none")
        await client.close()
        return raised.value

    found = await failed_call("https", authority.ca)
    assert isinstance(found, RequestRejected)
    assert found.status == 404, "it was understood and answered"
    assert isinstance(await failed_call("https", other.ca), ServiceUnavailable)
    assert isinstance(await failed_call("http", authority.ca), ServiceUnavailable)
    async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{secured.probes}/internal/datasets/none")
    assert (answer.status_code, answer.text) == (404, "Not Found"), "no more than probes is plain"


async def test_the_broker_is_checked_by_events_and_by_tasks(
    broker_url: str, authority: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(broker_url)
    assert parts.port is not None
    async with authority.before(parts.port) as port:
        url = f"amqps://{parts.username}:{parts.password}@localhost:{port}{parts.path}"
        monkeypatch.setenv("MESTO_BROKER_URL", url)

        def send() -> None:
            app = celery_app("booking", {})
            app.send_task("booking.nothing", retry=False)
            kombu.pools.reset()  # or the next one goes by this one's connection

        monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
        await to_thread(send)
        broker = Broker(url, "geo", None)
        await broker.start()
        await broker.ping()
        await broker.stop()
        monkeypatch.setenv("SSL_CERT_FILE", str(other.ca))
        with pytest.raises(kombu.exceptions.OperationalError, match="certificate verify failed"):
            await to_thread(send)
        with pytest.raises(OSError, match="certificate verify failed"):
            await Broker(url, "geo", None).rabbit.connect()


async def test_the_database_is_checked(
    database_urls: DatabaseUrls, authority: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_urls["geo"]
    plain = urlsplit(url).port
    assert plain is not None
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    async with authority.before(plain, postgres=True) as port:
        url = url.replace(f":{plain}/", f":{port}/")
        monkeypatch.setenv("PGSSLROOTCERT", str(authority.ca))
        database = Database(url, "geo")
        await database.ping()
        await database.close()
        monkeypatch.setenv("PGSSLROOTCERT", str(other.ca))
        database = Database(url, "geo")
        with pytest.raises(Exception, match="certificate verify failed"):
            await database.ping()
        await database.close()
