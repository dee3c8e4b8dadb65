"""The operator as it runs, before whom the API server refuses, forgets, is silent or is down: mended by itself."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import httpx
import pytest
from support.clients.spaces import conditions, space
from support.faults.api_proxy import Answer, ApiProxy, Asked
from support.faults.network_faults import rewire
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

PATIENCE = 10


def status_of(code: int, message: str) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", "code": code, "message": message}).encode()


@dataclass
class Stage:
    platform: Platform
    way: ApiProxy

    def healthz(self) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.platform.ports['operator']}/healthz", timeout=30, trust_env=False)

    def apply(self, ns: str, **changes: str) -> None:
        self.platform.apply(ns, space("loft", slug=f"loft-{ns}", **changes))

    def synced(self, ns: str) -> bool:
        """Whether the newest generation is."""
        found = self.platform.resource("cws", "loft", ns)
        condition = conditions(found).get("Synced", {})
        return (condition.get("status"), condition.get("observedGeneration")) == (
            "True",
            found["metadata"]["generation"],
        )

    def patches(self, ns: str) -> list[Asked]:
        """Attempts to write the status of the space."""
        end = f"/{ns}/coworkingspaces/loft/status"
        return [request for request in self.way.asked if request.method == "PATCH" and request.path.endswith(end)]


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, made = tmp_path_factory.mktemp("api_proxy"), []

    def wire(platform: Platform) -> None:
        way = ApiProxy(platform.cluster.operator_kubeconfig, folder)
        kubeconfig = str(way.kubeconfig(folder / "kubeconfig"))
        patience = {"MESTO_OPERATOR_WATCH_PATIENCE_SECONDS": str(PATIENCE)}
        rewire(platform.children["operator"], KUBECONFIG=kubeconfig, **patience)
        made.append(Stage(platform, way))

    new_platform("catalog", "operator", tasks=False, before=wire)
    yield made[0]
    made[0].way.close()


@pytest.fixture
def here(stage: Stage) -> str:
    """A namespace with a space that is synced."""
    ns = stage.platform.namespace(f"protocol-{uuid.uuid4().hex[:8]}")
    stage.apply(ns)
    eventually(lambda: stage.synced(ns), "the space is synced")
    return ns


def watch(asked: Asked) -> bool:
    return asked.watch and "mesto.dev" in asked.path


def to_status(ns: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.method == "PATCH" and asked.path.endswith(f"/{ns}/coworkingspaces/loft/status")


def test_a_watch_that_brings_nothing_turns_healthz_until_it_brings_something(stage: Stage, here: str) -> None:
    pid = stage.platform.children["operator"].pid
    assert stage.healthz().status_code == 200
    with stage.way.frozen(watch):
        stage.apply(here, title={"en": "Loft 1"})
        eventually(lambda: stage.healthz().status_code == 503, "the operator says that it is frozen")
        assert "coworkingspaces in all namespaces" in stage.healthz().json()["status"]
    eventually(lambda: stage.healthz().status_code == 200, "it is well again")
    eventually(lambda: stage.synced(here), "the change is synced")
    assert stage.platform.children["operator"].pid == pid


def test_a_process_that_nobody_restarts_ends_itself_and_the_next_one_sees_what_it_missed(
    stage: Stage, here: str
) -> None:
    child = stage.platform.children["operator"]
    with stage.way.frozen(watch):
        stage.apply(here, title={"en": "Loft 2"})
        assert child.wait(60) == 1
        assert "watch_frozen" in stage.platform.log("operator")
    stage.platform.start("operator")
    eventually(lambda: stage.synced(here), "the change is synced")


def test_an_api_server_that_is_down_freezes_nothing(stage: Stage, here: str) -> None:
    pid, begun, seen = stage.platform.children["operator"].pid, time.monotonic(), set()

    def long_enough() -> bool:
        seen.add(stage.healthz().status_code)
        return time.monotonic() - begun > 3 * PATIENCE

    with stage.way.rule(lambda _: Answer(503, status_of(503, "down"))):
        stage.apply(here, title={"en": "Loft 3"})
        eventually(long_enough, "it was down for three times as long as a watch may be silent")
    assert seen == {200}
    eventually(lambda: stage.synced(here), "the change is synced")
    assert stage.healthz().status_code == 200
    assert stage.platform.children["operator"].pid == pid
    assert stage.platform.children["operator"].alive


def of_spaces(asked: Asked) -> bool:
    return watch(asked) and asked.path.endswith("/coworkingspaces")


FORGOTTEN = json.dumps({"type": "ERROR", "object": json.loads(status_of(410, "too old resource version"))}).encode()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, FORGOTTEN + b"\n"),
        Answer(429, status_of(429, "busy"), {"Retry-After": "1"}),
        Answer(500, status_of(500, "no")),
        Answer(503, status_of(503, "no")),
    ],
    ids=["410 in the stream", "429", "500", "503"],
)
def test_a_watch_that_is_refused_for_a_while_begins_anew_and_misses_nothing(
    stage: Stage, here: str, answer: Answer
) -> None:
    pid, refused = stage.platform.children["operator"].pid, []

    def refuse(asked: Asked) -> Answer | None:
        if not of_spaces(asked):
            return None
        refused.append(asked)
        return answer

    with stage.way.rule(refuse):
        stage.way.cut(of_spaces)
        stage.apply(here, title={"en": "Loft 4"})
        eventually(lambda: len(refused) >= 3, "the watch is tried again")
    eventually(lambda: stage.synced(here), "the change is synced")
    assert stage.platform.children["operator"].pid == pid
    assert stage.platform.children["operator"].alive


@pytest.mark.parametrize("code", [410, 500])
def test_a_watch_that_is_refused_for_good_ends_the_process_and_the_next_one_sees_what_it_missed(
    stage: Stage, here: str, code: int
) -> None:
    child = stage.platform.children["operator"]
    with stage.way.rule(lambda asked: Answer(code, status_of(code, "no")) if of_spaces(asked) else None):
        stage.way.cut(of_spaces)
        stage.apply(here, title={"en": "Loft 5"})
        assert child.wait(60) == 1
    stage.platform.start("operator")
    eventually(lambda: stage.synced(here), "the change is synced")


@pytest.mark.parametrize("code", [409, 500, 504])
def test_a_status_that_is_not_taken_is_written_again(stage: Stage, here: str, code: int) -> None:
    mine = to_status(here)
    with stage.way.rule(lambda asked: Answer(code, status_of(code, "no")) if mine(asked) else None):
        before = len(stage.patches(here))
        stage.apply(here, title={"en": "Loft 6"})
        eventually(lambda: len(stage.patches(here)) >= before + 2, "it is tried again")
    eventually(lambda: stage.synced(here), "the change is synced")


def test_a_server_that_is_too_busy_is_left_alone_for_as_long_as_it_says(stage: Stage, here: str) -> None:
    mine, busy = to_status(here), Answer(429, status_of(429, "busy"), {"Retry-After": "3"})
    before = len(stage.patches(here))
    with stage.way.rule(lambda asked: busy if mine(asked) else None):
        stage.apply(here, title={"en": "Loft 7"})
        eventually(lambda: len(stage.patches(here)) >= before + 3, "it is tried again")
    times = [patch.at for patch in stage.patches(here)[before:]]
    assert all(later - earlier >= 3 for earlier, later in pairwise(times)), times
    eventually(lambda: stage.synced(here), "the change is synced")


def test_what_is_refused_for_good_is_told_and_not_tried_again_until_something_changes(stage: Stage, here: str) -> None:
    mine, wrong = to_status(here), Answer(422, status_of(422, "status.conditions: Invalid value"))
    before = len(stage.patches(here))

    def event_published() -> bool:
        events = stage.platform.resources("events", here)
        return any(event["reason"] == "Rejected" and "Invalid value" in event["message"] for event in events)

    with stage.way.rule(lambda asked: wrong if mine(asked) else None):
        stage.apply(here, title={"en": "Loft 8"})
        eventually(event_published, "an Event says that it is refused")
        assert len(stage.patches(here)) == before + 1
        stage.apply(here, title={"en": "Loft 9"})
        eventually(lambda: len(stage.patches(here)) == before + 2, "a change is tried at once")
    stage.apply(here, title={"en": "Loft 10"})
    eventually(lambda: stage.synced(here), "the change is synced")
