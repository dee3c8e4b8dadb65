"""ScrapeTargets: runs begin at their times, once, one at a time on each site, whatever dies meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from mesto.contracts.offers import FAILURES
from mesto.contracts.scraping import DeclaredCity
from mesto.operator.kinds.scrapetarget.crawl import (
    crawl_order,
    owner,
    requested_run_id,
    scheduled_run_id,
)
from mesto.operator.kinds.scrapetarget.metrics import Health
from mesto.operator.kinds.scrapetarget.runs import parse
from support.fakes.target_views import THREE, reasons
from support.fakes.targets import HOUR, NOON, World


def test_a_new_target_waits_for_its_first_time(world: World) -> None:
    assert world.begun == {}  # three o'clock of today was before it was there
    assert world.condition("Ready") == ("True", "Ready")
    assert world.condition("Scheduled") == ("True", "Scheduled")
    assert world.condition("Healthy") == ("Unknown", "NoRunYet")
    assert world.status()["nextRunTime"] == "2026-11-26T03:00:00Z"
    assert world.reconcile() == 15 * 3600
    assert reasons(world) == ["Ready"]


def test_a_steady_state_writes_nothing(world: World) -> None:
    before = world.writes
    for _ in range(3):
        world.now += HOUR
        world.reconcile()
    assert world.writes == before


def test_a_run_begins_at_its_time_and_its_end_is_told(world: World) -> None:
    world.set_clock(THREE)
    assert world.reconcile() == 5  # looked at again soon
    run = scheduled_run_id(world.uid(), world.now)
    assert world.pending == [run]
    assert run.endswith("-20261126t030000z")
    assert world.status()["lastRun"]["outcome"] == "Running"
    assert world.status()["lastScheduleTime"] == "2026-11-26T03:00:00Z"
    world.launch()
    world.now += timedelta(minutes=5)
    world.finish(run)
    world.reconcile()
    status = world.status()
    assert (status["lastRun"]["outcome"], status["lastRun"]["items"]) == ("Succeeded", 12)
    assert [entry["id"] for entry in status["history"]] == [run]
    assert world.condition("Healthy") == ("True", "Healthy")
    assert status["nextRunTime"] == "2026-11-27T03:00:00Z"
    assert reasons(world) == ["Ready", "RunStarted", "RunFinished"]
    assert world.begun == {run: 1}


def test_one_run_takes_few_writes(world: World) -> None:
    world.set_clock(THREE)
    before = world.writes
    for _ in range(3):
        world.reconcile()
    world.launch()
    for _ in range(3):
        world.reconcile()
    world.finish(*world.running)
    for _ in range(3):
        world.reconcile()
    assert world.writes - before == 2


def test_the_spider_is_told_what_the_spec_says(world: World) -> None:
    world.private = True
    world.apply(
        politeness={"delaySeconds": 0, "maxPages": 3},
        defaults={"city": "moscow"},
        extract={
            "mode": "Selectors",
            "items": {"css": "article"},
            "fields": {"name": {"css": "h2::text"}, "amenities": {"css": "li::text", "many": True}},
        },
        expect={"minItems": 2, "coverage": {"price": 80}},
    )
    world.annotate(run="1")
    world.reconcile()
    (order,) = world.orders
    assert order["run"] == requested_run_id(world.uid(), "1")
    assert (order["target"], order["namespace"], order["name"]) == (str(world.uid()), "moscow", "t")
    assert order["politeness"] == {"obey_robots": True, "delay_seconds": 0, "concurrency": 1, "max_pages": 3}
    assert order["extract"]["mode"] == "selectors"
    assert order["extract"]["fields"]["amenities"] == {"css": "li::text", "many": True}
    assert (order["expect"]["min_items"], order["expect"]["coverage"]["price"]) == (2, 80)
    assert order["private"] is True
    assert order["cities"] == []


def test_the_spider_is_told_the_cities_of_the_platform(world: World) -> None:
    moscow = {
        "slug": "moscow",
        "name": {"ru": "Москва", "en": "Moscow"},
        "aliases": ["Зеленоград"],
        "timeZone": "Europe/Moscow",
        "currency": "RUB",
        "center": {"latitude": 55.7558, "longitude": 37.6173},
    }
    metadata = {"uid": str(uuid4()), "namespace": "mesto", "name": "default", "resourceVersion": "1"}
    cities = [moscow, moscow | {"slug": "nowhere", "timeZone": "Nowhere"}]
    world.targets.resources.update("platformconfigs", {"metadata": metadata, "spec": {"geo": {"cities": cities}}})
    world.annotate(run="1")
    world.reconcile()
    (order,) = world.orders
    center = {"latitude": 55.7558, "longitude": 37.6173}
    assert order["cities"] == [{"slug": "moscow", "names": ["Москва", "Moscow", "Зеленоград"], "center": center}]


def test_an_order_is_never_longer_than_an_argument_may_be(world: World) -> None:
    desired = parse(world.resources["t"])
    assert desired.spec is not None
    many = [DeclaredCity(slug=f"city-{number}", names=["я" * 100] * 12) for number in range(200)]
    order = crawl_order(desired.spec, "try", (world.uid(), "moscow", "t"), private=False, cities=many)
    assert len(order.model_dump_json().encode()) < 131_072
    few = crawl_order(desired.spec, "try", (world.uid(), "moscow", "t"), private=False, cities=many[:3])
    assert few.cities == many[:3]


@pytest.mark.parametrize("outcome", FAILURES)
def test_a_failure_is_the_reason_of_healthy(world: World, outcome: str) -> None:
    world.set_clock(THREE)
    world.run(outcome=outcome)
    assert world.condition("Healthy") == ("False", outcome.capitalize())
    assert world.condition("Ready") == ("True", "Ready")
    assert world.status()["lastRun"]["outcome"] == outcome.capitalize()
    assert reasons(world)[1:] == ["RunStarted", outcome.capitalize(), "RunFinished"]
    world.set_clock("2026-11-27T03:00:00+00:00")
    world.run(outcome=outcome)
    assert reasons(world)[4:] == ["RunStarted", "RunFinished"]  # no news of its health


def test_what_a_run_said_stays_while_the_next_one_is_under_way(world: World) -> None:
    world.set_clock(THREE)
    world.run(outcome="blocked")
    world.set_clock("2026-11-27T03:00:00+00:00")
    world.reconcile()
    world.launch()
    world.reconcile()
    assert world.condition("Healthy") == ("False", "Blocked")


def test_a_verdict_is_about_the_generation_that_was_there_when_it_came(world: World) -> None:
    world.set_clock(THREE)
    world.run()
    world.apply(politeness={"maxPages": 3})
    world.reconcile()
    told = {condition["type"]: condition["observedGeneration"] for condition in world.status()["conditions"]}
    assert told == {"Ready": 2, "Synced": 2, "Scheduled": 2, "Healthy": 1}


@pytest.mark.parametrize(("late_by", "begins"), [(59, True), (61, False)])
def test_a_missed_time_is_caught_up_once_within_the_deadline(world: World, late_by: int, begins: bool) -> None:
    world.set_clock(THREE)
    world.now += timedelta(minutes=late_by)
    world.targets = world.start_operator()
    world.reconcile()
    assert world.begun == ({scheduled_run_id(world.uid(), datetime.fromisoformat(THREE)): 1} if begins else {})
    assert world.status()["lastScheduleTime"] == "2026-11-26T03:00:00Z"
    assert ("RunMissed" in reasons(world)) is not begins
    before = world.writes
    world.launch()
    world.reconcile()
    assert (reasons(world).count("RunMissed"), world.writes) == (not begins, before)


def test_of_several_missed_times_the_last_one_runs(world: World) -> None:
    world.apply(schedule="*/10 * * * *")
    world.now += timedelta(hours=5, minutes=3)
    world.reconcile()
    assert list(world.begun) == [scheduled_run_id(world.uid(), NOON + 5 * HOUR)]
    world.launch()
    world.finish(*world.running)
    world.reconcile()
    assert len(world.begun) == 1


def test_a_suspended_target_runs_only_when_asked(world: World) -> None:
    world.apply(suspend=True)
    world.set_clock(THREE)
    assert world.reconcile() is None
    assert world.condition("Scheduled") == ("False", "Suspended")
    assert world.condition("Ready") == ("True", "Ready")
    assert "nextRunTime" not in world.status()
    world.annotate(run="now")
    world.run()
    assert list(world.begun) == [requested_run_id(world.uid(), "now")]
    world.set_clock("2026-11-26T12:00:00+00:00")
    world.apply(suspend=False)
    world.reconcile()
    assert len(world.begun) == 1
    assert "RunMissed" not in reasons(world)  # it was not meant to run


def test_a_wish_is_granted_once_also_when_its_run_is_forgotten(world: World) -> None:
    world.annotate(run="a")
    run = world.run()
    assert world.status()["ranFor"] == "a"
    world.runs.clear()
    world.finished.clear()
    world.targets = world.start_operator()
    world.reconcile()
    assert world.begun == {run: 1}
    world.annotate(run="b")
    world.reconcile()
    assert len(world.begun) == 2


def test_a_target_has_one_run_at_a_time(world: World) -> None:
    world.set_clock(THREE)
    world.reconcile()
    world.annotate(run="a")
    world.reconcile()
    assert len(world.begun) == 1
    world.launch()
    world.finish(*world.running)
    world.reconcile()
    assert world.pending == [requested_run_id(world.uid(), "a")]


def test_metrics_name_the_target_and_how_its_last_run_went(world: World) -> None:
    leading = True

    def collected() -> dict[str, dict[tuple[str, ...], float]]:
        families = Health(lambda: list(world.resources.values()), lambda: leading).collect()
        return {family.name: {tuple(s.labels.values()): s.value for s in family.samples} for family in families}

    assert collected() == {"mesto_operator_target_healthy": {}, "mesto_operator_target_items": {}}
    world.set_clock(THREE)
    world.reconcile()
    world.launch()
    world.finish(world.running[0])
    world.reconcile()
    assert collected() == {
        "mesto_operator_target_healthy": {("moscow/t", "Healthy"): 1},
        "mesto_operator_target_items": {("moscow/t",): 12},
    }
    world.annotate(run="1")
    world.reconcile()
    world.launch()
    world.finish(world.running[0], "blocked")
    world.reconcile()
    assert collected()["mesto_operator_target_healthy"] == {("moscow/t", "Blocked"): 0}
    leading = False
    assert collected()["mesto_operator_target_healthy"] == {}


def test_history_is_as_long_as_the_spec_says(world: World) -> None:
    def kept() -> tuple[int, int]:
        outcomes = [run["outcome"] for run in world.status().get("history", [])]
        return outcomes.count("Succeeded"), outcomes.count("Dns")

    for day in range(10):
        world.set_clock(f"2026-12-{day + 1:02}T03:00:00+00:00")
        world.run(outcome="dns" if day % 2 else "succeeded")
    assert kept() == (3, 1)
    world.apply(successfulRunsHistoryLimit=1, failedRunsHistoryLimit=0)
    world.reconcile()
    assert kept() == (1, 0)


@pytest.mark.parametrize(("away", "reason"), [("scrapyd", "ScrapydUnavailable"), ("catalog", "CatalogUnavailable")])
def test_what_is_away_is_said_and_nothing_is_lost(world: World, away: str, reason: str) -> None:
    world.set_clock(THREE)
    setattr(world, f"{away}_up", False)
    assert "does not answer" in str(world.reconcile())
    assert world.condition("Scheduled") == ("False", reason)
    assert world.condition("Ready") == ("True", "Ready")
    world.now += timedelta(minutes=10)
    setattr(world, f"{away}_up", True)
    world.reconcile()
    assert len(world.pending) == 1
    assert world.condition("Scheduled") == ("True", "Scheduled")


def test_a_new_target_is_not_ready_before_both_have_answered() -> None:
    world = World()
    world.apply()
    world.scrapyd_up = False
    world.reconcile()
    assert [world.condition(kind) for kind in ("Ready", "Synced")] == [("False", "ScrapydUnavailable")] * 2


def test_without_a_scrapyd_a_target_says_so_and_goes_at_once() -> None:
    world = World()
    world.configured = False
    world.targets = world.start_operator()
    world.apply()
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "NotConfigured")
    world.delete()
    assert not world.resources
    assert not world.gone


def test_a_paused_target_is_left_alone(world: World) -> None:
    world.annotate(paused="true", run="1")
    world.set_clock(THREE)
    assert world.reconcile() is None
    assert world.condition("Ready") == ("True", "Paused")
    assert not world.begun


@pytest.mark.parametrize(("spec", "policy"), [({}, "delete"), ({"deletionPolicy": "Retain"}, "retain")])
def test_deletion_cancels_what_runs_and_tells_catalog(world: World, spec: dict[str, Any], policy: str) -> None:
    world.apply(**spec)
    world.annotate(run="1")
    world.reconcile()
    world.launch()
    uid = world.uid()
    world.delete()
    world.reconcile()
    assert not world.resources
    assert (world.gone, world.running) == ({uid: policy}, [])


def test_deletion_waits_for_catalog_and_says_so_but_not_for_scrapyd(world: World) -> None:
    world.catalog_up = world.scrapyd_up = False
    world.delete()
    world.reconcile()
    assert world.condition("Ready") == ("False", "DeletionWaits")
    world.catalog_up = True
    world.reconcile()
    assert not world.resources


def test_ids_of_runs_are_known_by_their_target() -> None:
    uid = uuid4()
    for run in (scheduled_run_id(uid, NOON), requested_run_id(uid, "x" * 9999)):
        assert owner(run) == uid
        assert len(run) <= 64
    assert owner("something-else") is None
