"""What the operator makes of the API server's answers: 404, 409, 410, 422, 429, 5xx, silence, a watch's events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import kmock as mocks
import pytest
from kubernetes.aio import client
from mesto.operator import cluster as clusters
from mesto.operator.cluster import Cluster, Expired, Gone, Silent, Stale
from mesto.operator.lease import Lease
from mesto.operator.queue import RetryLater, Terminal

SPACE: dict[str, Any] = {"metadata": {"namespace": "moscow", "name": "loft", "uid": "1", "resourceVersion": "7"}}
PATCH = "patch /apis/mesto.dev/v1alpha1/namespaces/moscow/coworkingspaces/loft/status"
WATCH = "get /apis/mesto.dev/v1alpha1/coworkingspaces"
pytestmark = pytest.mark.kmock(cls=mocks.RawHandler)  # answers just what it is told to
LEASE = "/apis/coordination.k8s.io/v1/namespaces/mesto/leases"


def status_of(code: int, message: str = "Because.") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "message": message}


def refusal(code: int, headers: dict[str, str] | None = None) -> mocks.Response:
    return mocks.Response(status=code, headers=headers, payload=status_of(code))


@pytest.fixture
async def cluster(kmock: mocks.RawHandler) -> AsyncIterator[Cluster]:
    configuration = client.Configuration(host=str(kmock.url).rstrip("/"))
    configuration.client_session_kwargs = {"trust_env": False}
    made = Cluster(client.ApiClient(configuration))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("code", "headers", "error", "delay"),
    [
        (404, {}, Gone, None),
        (409, {}, Stale, 0),
        (410, {}, Expired, 0),
        (400, {}, Terminal, 300),
        (413, {}, Terminal, 300),
        (422, {}, Terminal, 300),
        (403, {}, RetryLater, 0),
        (429, {"Retry-After": "7"}, RetryLater, 7),
        (429, {"Retry-After": "86400"}, RetryLater, 300),
        (429, {"Retry-After": "Thu, 26 Nov 2026 12:00:00 GMT"}, RetryLater, 0),
        (429, {}, RetryLater, 0),
        (500, {}, RetryLater, 0),
        (503, {"Retry-After": "2"}, RetryLater, 2),
        (504, {}, RetryLater, 0),
    ],
)
async def test_each_answer_is_an_error_of_ours_with_its_pause(
    kmock: mocks.RawHandler,
    cluster: Cluster,
    code: int,
    headers: dict[str, str],
    error: type[Exception],
    delay: float | None,
) -> None:
    kmock[PATCH] << refusal(code, headers)
    with pytest.raises(error) as raised:
        await cluster.set_status("coworkingspaces", SPACE, {"observedGeneration": 1})
    assert type(raised.value) is error
    assert len(kmock[PATCH]) == 1, "no attempts behind our back"
    if isinstance(raised.value, RetryLater):
        assert raised.value.delay == delay
        assert str(code) in str(raised.value)
    if error is Terminal:
        assert "Because." in str(raised.value)


async def test_silence_ends_in_time(kmock: mocks.RawHandler, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_TIMEOUT", 0.2)
    kmock[PATCH] << (lambda: asyncio.sleep(30))
    with pytest.raises(Silent):
        await cluster.set_status("coworkingspaces", SPACE, {})


def changed(kind: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": {"metadata": {"name": "loft", "resourceVersion": str(version)}}}


def bookmark(version: int) -> dict[str, Any]:
    return {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ((changed("MODIFIED", 12), changed("ADDED", 13)), 12),
        ((changed("DELETED", 11), bookmark(12), changed("ADDED", 13)), 13),
        ((bookmark(12),), None),
        ((changed("DELETED", 11),), None),
    ],
)
async def test_the_first_change_after_a_version_is_found(
    kmock: mocks.RawHandler, cluster: Cluster, events: tuple[dict[str, Any], ...], found: int | None
) -> None:
    kmock[WATCH] << events
    assert await cluster.after("coworkingspaces", "", 10) == found
    [asked] = kmock[WATCH]
    assert asked.params["watch"] in (True, "True", "true")
    assert asked.params["resourceVersion"] == "10"
    assert "PartialObjectMetadata" in asked.headers["Accept"]


async def test_a_version_that_the_server_has_forgotten_is_expired_however_it_says_so(
    kmock: mocks.RawHandler, cluster: Cluster
) -> None:
    said: list[Any] = [({"type": "ERROR", "object": status_of(410, "too old resource version")},), refusal(410)]
    kmock[WATCH] << (lambda: said.pop(0))
    for _ in range(2):
        with pytest.raises(Expired):
            await cluster.after("coworkingspaces", "", 10)
    assert said == []


async def test_a_watch_that_says_nothing_is_silent(
    kmock: mocks.RawHandler, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "_TIMEOUT", 0.2)
    kmock[WATCH] << (lambda: asyncio.sleep(30))
    with pytest.raises(Silent):
        await cluster.after("coworkingspaces", "", 10)


LIST = "get /apis/mesto.dev/v1alpha1/coworkingspaces"


def names(*uids: int, following: str = "") -> dict[str, Any]:
    items = [{"metadata": {"namespace": "moscow", "name": f"loft-{uid}", "uid": str(UUID(int=uid))}} for uid in uids]
    return {"metadata": {"continue": following}, "items": items}


async def test_all_resources_that_exist_are_listed_by_pages_of_names(kmock: mocks.RawHandler, cluster: Cluster) -> None:
    said: list[Any] = [names(1, 2, following="further"), names(3)]
    kmock[LIST] << (lambda: said.pop(0))
    found = await cluster.existing("coworkingspaces", "")
    assert {uid.int: name for uid, (_, name) in found.items()} == {1: "loft-1", 2: "loft-2", 3: "loft-3"}
    first, second = kmock[LIST]
    assert "continue" not in first.params
    assert second.params["continue"] == "further"
    assert "PartialObjectMetadataList" in first.headers["Accept"]


@pytest.mark.parametrize(("code", "error"), [(410, Expired), (403, RetryLater), (500, RetryLater)])
async def test_a_list_of_what_exists_that_breaks_off_is_an_error_and_no_shorter_list(
    kmock: mocks.RawHandler, cluster: Cluster, code: int, error: type[Exception]
) -> None:
    said: list[Any] = [names(1, following="further"), refusal(code)]
    kmock[LIST] << (lambda: said.pop(0))
    with pytest.raises(error):
        await cluster.existing("coworkingspaces", "")


async def test_a_lease_outlasts_refusals_and_begins_when_it_is_taken(kmock: mocks.RawHandler, cluster: Cluster) -> None:
    said = [refusal(code) for code in (429, 500, 409, 422)]

    def respond(request: mocks.Request) -> mocks.Response:
        return said.pop(0) if said else mocks.Response(status=201, payload=request.data)

    kmock[f"get {LEASE}/mesto-operator"] << refusal(404)
    kmock[f"post {LEASE}"] << respond
    lease, held = Lease(cluster, "mesto", "mesto-operator", "one", retry=0.01), []

    async def work() -> None:
        held.append(lease.held)

    await asyncio.wait_for(lease.lead(work), 20)
    assert (said, held, len(kmock[f"post {LEASE}"])) == ([], [True], 5)
