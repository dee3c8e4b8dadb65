"""ScrapeTargets with a real API server, a real catalog and a scrapyd whose jobs the test plays."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from support.clients.spaces import conditions
from support.fakes.scrapyd import StandIn, stand_in
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]
NEVER = "0 0 29 2 *"


@pytest.fixture(scope="module")
def scrapyd() -> Iterator[StandIn]:
    with stand_in() as made:
        yield made


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory, scrapyd: StandIn) -> Platform:
    env = {"MESTO_OPERATOR_RUN_LOOK_SECONDS": "0.5", "MESTO_OPERATOR_RUN_LOST_SECONDS": "2"}
    return new_platform("catalog", "operator", env=env, tasks=False, before=scrapyd.rewire)


@pytest.fixture
def ns(stage: Platform, scrapyd: StandIn) -> Iterator[str]:
    """A namespace whose targets go after the test."""
    name = stage.namespace(f"sct-{uuid.uuid4().hex[:8]}")
    yield name
    scrapyd.away = False
    stage.delete_all("sct", name)


def apply(stage: Platform, ns: str, name: str = "t", **spec: Any) -> None:
    site = f"https://{ns}.example.org/{name}"  # each test has a site of its own
    default = {"startUrls": [site], "schedule": NEVER, "extract": {"mode": "StructuredData"}}
    manifest = {"apiVersion": "mesto.dev/v1alpha1", "kind": "ScrapeTarget", "metadata": {"name": name}}
    stage.apply(ns, manifest | {"spec": default | spec})


def order_run(stage: Platform, ns: str, value: str, name: str = "t") -> None:
    stage.annotate("sct", name, ns, f"mesto.dev/run={value}")


def get(stage: Platform, ns: str, name: str = "t") -> Manifest:
    return stage.resource("sct", name, ns)


def uid(stage: Platform, ns: str, name: str = "t") -> str:
    return str(get(stage, ns, name)["metadata"]["uid"])


def wait(stage: Platform, ns: str, kind: str, status: str, reason: str, name: str = "t") -> Manifest:
    """The status once the condition says this."""

    def condition_reached() -> Manifest:
        resource = get(stage, ns, name)
        condition = conditions(resource).get(kind, {})
        assert (condition.get("status"), condition.get("reason")) == (status, reason), condition
        found: Manifest = resource["status"]
        return found

    return eventually(condition_reached, f"{kind} of {name} is {status} {reason}")


def ordered(stage: Platform, scrapyd: StandIn, ns: str, name: str = "t", timeout: float = 60) -> str:
    """The one run of a target, once it was given to scrapyd."""
    target = uid(stage, ns, name)
    (run,) = eventually(lambda: scrapyd.runs_of(target), f"a run of {name}", timeout)
    return run


def events(stage: Platform, ns: str) -> list[str]:
    found = stage.resources("events", ns)
    return [event["reason"] for event in found]


class Spider:
    """Tells catalog of one run, as the spider does."""

    def __init__(self, stage: Platform, order: dict[str, Any]) -> None:
        self.client, self.order = stage.internal_client("catalog", "spiders"), order
        body = {name: order[name] for name in ("target", "namespace", "name")}
        self.send_to_run("", body | {"started_at": now()})

    def send_to_run(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.put(f"/internal/scrape-runs/{self.order['run']}{path}", json=body)

    def end(self, outcome: str = "succeeded", *names: str) -> httpx.Response:
        if names:
            self.send_to_run("/offers/0", {"items": [{"name": name, "seen_at": now()} for name in names]})
        found = {"coverage": {"price": 100}} if names else {}
        return self.send_to_run(
            "/end", {"outcome": outcome, "items": len(names), "pages": 1, "finished_at": now()} | found
        )


def now() -> str:
    return datetime.now(UTC).isoformat()


def play(stage: Platform, scrapyd: StandIn, run: str, outcome: str, *names: str) -> None:
    """A run from its first word to the end of its process."""
    assert Spider(stage, scrapyd.orders[run][0]).end(outcome, *names).status_code == 200
    scrapyd.end(run)


def test_a_run_that_was_asked_for_shows_its_offers_and_its_health(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns)
    status = wait(stage, ns, "Ready", "True", "Ready")
    assert {condition["type"]: condition["reason"] for condition in status["conditions"]} == {
        "Ready": "Ready",
        "Synced": "Synced",
        "Scheduled": "Scheduled",
        "Healthy": "NoRunYet",
    }
    order_run(stage, ns, "1")
    run = ordered(stage, scrapyd, ns)
    play(stage, scrapyd, run, "succeeded", "Desk", "Room")
    status = wait(stage, ns, "Healthy", "True", "Healthy")
    assert (status["lastRun"]["id"], status["lastRun"]["outcome"], status["lastRun"]["items"]) == (run, "Succeeded", 2)
    assert status["ranFor"] == "1"
    order_run(stage, ns, "2")
    target = uid(stage, ns)
    eventually(lambda: len(scrapyd.runs_of(target)) == 2, "a second run")
    play(stage, scrapyd, scrapyd.runs_of(target)[1], "blocked")
    status = wait(stage, ns, "Healthy", "False", "Blocked")
    assert "coverage" not in status["lastRun"]  # that of the run before went with it
    assert status["history"][1]["coverage"]["price"] == 100
    assert [run["outcome"] for run in status["history"]] == ["Blocked", "Succeeded"]
    eventually(lambda: {"RunStarted", "RunFinished", "Blocked"} <= set(events(stage, ns)), "Events of the runs")
    columns = [line.split() for line in stage.kubectl("get", "sct", "t", "-n", ns).splitlines()]
    assert columns[0][:4] == ["NAME", "READY", "HEALTHY", "WHY"]
    assert columns[1][:4] == ["t", "True", "False", "Blocked"]


def test_a_run_begins_when_its_minute_comes_also_when_the_operator_was_killed(
    stage: Platform, scrapyd: StandIn, ns: str
) -> None:
    apply(stage, ns, schedule="* * * * *", timeZone="Europe/Moscow")
    wait(stage, ns, "Ready", "True", "Ready")
    run = ordered(stage, scrapyd, ns, timeout=75)
    stage.kill("operator")
    stage.start("operator")
    Spider(stage, scrapyd.orders[run][0])  # goes on: no other one begins meanwhile
    target = uid(stage, ns)
    last = datetime.strptime(run.rpartition("-")[2], "%Y%m%dt%H%M%Sz").strftime("%Y-%m-%dT%H:%M:%SZ")
    eventually(lambda: get(stage, ns)["status"].get("lastScheduleTime") == last, "the status says so")
    assert scrapyd.runs_of(target) == [run]
    assert get(stage, ns)["status"]["lastRun"]["outcome"] == "Running"


def test_an_operator_killed_before_it_knew_begins_no_run_twice(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns)
    wait(stage, ns, "Ready", "True", "Ready")
    scrapyd.silent = threading.Event()
    order_run(stage, ns, "1")
    run = ordered(stage, scrapyd, ns)
    assert "ranFor" not in get(stage, ns)["status"]
    stage.kill("operator")
    scrapyd.silent.set()
    scrapyd.silent = None
    play(stage, scrapyd, run, "succeeded", "Desk")
    scrapyd.finished.clear()  # only catalog remembers it
    stage.start("operator")
    status = wait(stage, ns, "Healthy", "True", "Healthy")
    assert (status["lastRun"]["id"], status["ranFor"]) == (run, "1")
    assert scrapyd.runs_of(uid(stage, ns)) == [run]


def test_a_suspended_target_runs_when_it_is_asked(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns, suspend=True, schedule="* * * * *")
    wait(stage, ns, "Scheduled", "False", "Suspended")
    order_run(stage, ns, "1")
    play(stage, scrapyd, ordered(stage, scrapyd, ns), "empty")
    wait(stage, ns, "Healthy", "False", "Empty")
    assert conditions(get(stage, ns))["Ready"]["status"] == "True"


def test_a_process_that_dies_has_crashed_in_catalog_too(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns)
    order_run(stage, ns, "1")
    run = ordered(stage, scrapyd, ns)
    spider = Spider(stage, scrapyd.orders[run][0])
    scrapyd.pending.remove(run)  # forgotten, as by a scrapyd that was started anew
    wait(stage, ns, "Healthy", "False", "Crashed")
    assert spider.send_to_run("/offers/0", {"items": [{"name": "late", "seen_at": now()}]}).status_code == 409


def test_targets_of_one_site_take_turns(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    for name in ("a", "b"):
        apply(stage, ns, name)
        wait(stage, ns, "Ready", "True", "Ready", name)
    order_run(stage, ns, "1", "a")
    first = ordered(stage, scrapyd, ns, "a")
    order_run(stage, ns, "1", "b")
    wait(stage, ns, "Scheduled", "False", "DomainBusy", "b")
    assert scrapyd.runs_of(uid(stage, ns, "b")) == []
    play(stage, scrapyd, first, "succeeded", "Desk")
    play(stage, scrapyd, ordered(stage, scrapyd, ns, "b"), "succeeded", "Desk")
    wait(stage, ns, "Healthy", "True", "Healthy", "b")


def test_a_deleted_target_takes_its_run_and_its_offers_with_it(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns)
    order_run(stage, ns, "1")
    run = ordered(stage, scrapyd, ns)
    spider, target = Spider(stage, scrapyd.orders[run][0]), uid(stage, ns)
    eventually(lambda: get(stage, ns)["status"].get("ranFor") == "1", "the run is known")
    stage.delete("sct", "t", ns)
    assert run in scrapyd.finished
    assert spider.end("succeeded").status_code in (404, 409)
    assert stage.sql("SELECT count(*) FROM catalog.scrape_runs WHERE target = %s", target) == [(0,)]


def test_while_scrapyd_is_away_a_run_waits_and_is_not_lost(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    apply(stage, ns)
    wait(stage, ns, "Ready", "True", "Ready")
    scrapyd.away = True
    order_run(stage, ns, "1")
    status = wait(stage, ns, "Scheduled", "False", "ScrapydUnavailable")
    assert {condition["type"]: condition["status"] for condition in status["conditions"]}["Ready"] == "True"
    scrapyd.away = False
    play(stage, scrapyd, ordered(stage, scrapyd, ns), "succeeded", "Desk")
    wait(stage, ns, "Healthy", "True", "Healthy")
    wait(stage, ns, "Scheduled", "True", "Scheduled")


def test_while_catalog_is_away_nothing_begins_and_deletion_waits(stage: Platform, scrapyd: StandIn, ns: str) -> None:
    for name in ("t", "u"):
        apply(stage, ns, name)
        wait(stage, ns, "Ready", "True", "Ready", name)
    stage.stop("catalog")
    order_run(stage, ns, "1")
    wait(stage, ns, "Scheduled", "False", "CatalogUnavailable")
    stage.delete("sct", "u", ns, wait=False)
    wait(stage, ns, "Ready", "False", "DeletionWaits", "u")
    assert scrapyd.runs_of(uid(stage, ns)) == []
    stage.start("catalog")
    ordered(stage, scrapyd, ns)
    eventually(lambda: stage.gone("sct", "u", ns), "u is gone")
