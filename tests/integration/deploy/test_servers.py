"""The servers that every other test stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from mestolocal.cluster import Cluster
from mestolocal.rabbitmq import RabbitMQ
from support.servers.session_servers import DatabaseUrls


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")


def test_a_service_role_may_use_but_not_change_its_schema(database_urls: DatabaseUrls) -> None:
    with psycopg.connect(_plain(database_urls.owner("catalog"))) as owner:
        owner.execute("CREATE TABLE role_probe (id int)")
        owner.commit()
        with psycopg.connect(_plain(database_urls["catalog"])) as service:
            service.execute("INSERT INTO role_probe VALUES (1)")
            assert service.execute("SELECT id FROM role_probe").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute("DROP TABLE role_probe")
        owner.execute("DROP TABLE role_probe")


@pytest.mark.parametrize("role", ["booking", "geo", "auth", "notifications"])
def test_no_service_reads_anothers_schema(database_urls: DatabaseUrls, role: str) -> None:
    with psycopg.connect(database_urls.admin) as admin:
        admin.execute("CREATE TABLE IF NOT EXISTS catalog.secret_probe (id int)")
    for url in (database_urls[role], database_urls.owner(role)):
        with psycopg.connect(_plain(url)) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("SELECT * FROM catalog.secret_probe")


def test_each_role_may_connect_only_to_databases_it_was_given(database_urls: DatabaseUrls) -> None:
    url = _plain(database_urls["catalog"]).rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE SCHEMA mine")


@pytest.fixture(scope="module")
def forgotten() -> Iterator[list[psycopg.Connection[Any]]]:
    """Connections that outlive their tests, with a transaction that keeps a table."""
    kept: list[psycopg.Connection[Any]] = []
    yield kept
    for connection in kept:
        connection.close()


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_what_a_test_writes_is_gone_for_the_next(
    empty_database_urls: DatabaseUrls, forgotten: list[psycopg.Connection[Any]], turn: int
) -> None:
    with psycopg.connect(_plain(empty_database_urls["booking"])) as service:
        added = service.execute("INSERT INTO booking.outbox (type, body) VALUES ('probe', '') RETURNING id").fetchone()
    assert added == (1,), f"in turn {turn} the sequence goes on"
    forgotten.append(psycopg.connect(_plain(empty_database_urls["booking"])))
    assert forgotten[-1].execute("SELECT count(*) FROM booking.outbox").fetchone() == (1,)
    assert forgotten[-1].execute("SELECT version_num FROM booking.alembic_version").fetchall()
    if turn == 2:  # only the sequence tells of it
        with psycopg.connect(_plain(empty_database_urls["booking"])) as service:
            service.execute("DELETE FROM booking.outbox")


def test_postgis_is_there(fresh_database_urls: DatabaseUrls) -> None:
    with psycopg.connect(_plain(fresh_database_urls["geo"])) as connection:
        row = connection.execute("SELECT ST_AsText(ST_Point(37.6, 55.7, 4326))").fetchone()
    assert row == ("POINT(37.6 55.7)",)


def test_the_broker_answers_on_a_vhost_of_this_worker(rabbitmq: RabbitMQ, broker_url: str) -> None:
    with rabbitmq.management() as client:
        names = [vhost["name"] for vhost in client.get("/vhosts").json()]
    assert broker_url.rsplit("/", 1)[1] in names


def test_the_api_server_is_the_version_we_say(apiserver: Cluster, namespace: str) -> None:
    assert '"gitVersion": "v1.36.3"' in apiserver.kubectl("version", "-o", "json")
    assert namespace in apiserver.kubectl("get", "namespaces")


def test_the_api_server_refuses_strangers(apiserver: Cluster) -> None:
    import httpx

    assert httpx.get(f"{apiserver.server_url}/api", verify=False).status_code == 401
