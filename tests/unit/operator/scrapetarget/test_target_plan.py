"""ScrapeTargets: runs begin at their times, once, one at a time on each site, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from mesto.contracts.offers import FAILURES
from mesto.contracts.scraping import DeclaredCity
from mesto.operator import schedule
from mesto.operator.cache import Key
from mesto.operator.kinds.scrapetarget.crawl import (
    cities,
    crawl_order,
    owner,
    requested_run_id,
    scheduled_run_id,
    share_a_site,
)
from mesto.operator.kinds.scrapetarget.metrics import Health
from mesto.operator.kinds.scrapetarget.runs import parse
from support.fakes.targets import HOUR, NOON, PLURAL, Killed, World, too_late

THREE = "2026-11-26T03:00:00+00:00"


@pytest.fixture
def world() -> World:
    """Noon; one target that runs at three in the morning and has been looked at."""
    made = World()
    made.apply()
    made.reconcile()
    return made


def selectors(mode: str, **given: Any) -> dict[str, Any]:
    """A spec of these selectors, which is right but for them."""
    language = "path" if mode == "JsonApi" else "css"
    extract = {"mode": mode, "items": {language: "a"}, "next": given.pop("next", None)}
    extract |= {name: given.pop(name) for name in ("items",) if name in given}
    fields = {"name": {language: "b"}, "currency": {"value": "RUB"}} | given
    return {"extract": {name: one for name, one in extract.items() if one} | {"fields": fields}}


def reasons(world: World) -> list[str]:
    return [reason for _, reason, _ in world.events]


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
    world.at(THREE)
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
    assert [one["id"] for one in status["history"]] == [run]
    assert world.condition("Healthy") == ("True", "Healthy")
    assert status["nextRunTime"] == "2026-11-27T03:00:00Z"
    assert reasons(world) == ["Ready", "RunStarted", "RunFinished"]
    assert world.begun == {run: 1}


def test_one_run_takes_few_writes(world: World) -> None:
    world.at(THREE)
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
    many = [DeclaredCity(slug=f"city-{one}", names=["я" * 100] * 12) for one in range(200)]
    order = crawl_order(desired.spec, "try", (world.uid(), "moscow", "t"), private=False, cities=many)
    assert len(order.model_dump_json().encode()) < 131_072
    few = crawl_order(desired.spec, "try", (world.uid(), "moscow", "t"), private=False, cities=many[:3])
    assert few.cities == many[:3]


@pytest.mark.parametrize("outcome", FAILURES)
def test_a_failure_is_the_reason_of_healthy(world: World, outcome: str) -> None:
    world.at(THREE)
    world.run(outcome=outcome)
    assert world.condition("Healthy") == ("False", outcome.capitalize())
    assert world.condition("Ready") == ("True", "Ready")
    assert world.status()["lastRun"]["outcome"] == outcome.capitalize()
    assert reasons(world)[1:] == ["RunStarted", outcome.capitalize(), "RunFinished"]
    world.at("2026-11-27T03:00:00+00:00")
    world.run(outcome=outcome)
    assert reasons(world)[4:] == ["RunStarted", "RunFinished"]  # no news of its health


def test_what_a_run_said_stays_while_the_next_one_is_under_way(world: World) -> None:
    world.at(THREE)
    world.run(outcome="blocked")
    world.at("2026-11-27T03:00:00+00:00")
    world.reconcile()
    world.launch()
    world.reconcile()
    assert world.condition("Healthy") == ("False", "Blocked")


def test_a_verdict_is_about_the_generation_that_was_there_when_it_came(world: World) -> None:
    world.at(THREE)
    world.run()
    world.apply(politeness={"maxPages": 3})
    world.reconcile()
    told = {one["type"]: one["observedGeneration"] for one in world.status()["conditions"]}
    assert told == {"Ready": 2, "Synced": 2, "Scheduled": 2, "Healthy": 1}


@pytest.mark.parametrize(("late_by", "begins"), [(59, True), (61, False)])
def test_a_missed_time_is_caught_up_once_within_the_deadline(world: World, late_by: int, begins: bool) -> None:
    world.at(THREE)
    world.now += timedelta(minutes=late_by)
    world.targets = world.born()
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
    world.at(THREE)
    assert world.reconcile() is None
    assert world.condition("Scheduled") == ("False", "Suspended")
    assert world.condition("Ready") == ("True", "Ready")
    assert "nextRunTime" not in world.status()
    world.annotate(run="now")
    world.run()
    assert list(world.begun) == [requested_run_id(world.uid(), "now")]
    world.at("2026-11-26T12:00:00+00:00")
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
    world.targets = world.born()
    world.reconcile()
    assert world.begun == {run: 1}
    world.annotate(run="b")
    world.reconcile()
    assert len(world.begun) == 2


def test_a_target_has_one_run_at_a_time(world: World) -> None:
    world.at(THREE)
    world.reconcile()
    world.annotate(run="a")
    world.reconcile()
    assert len(world.begun) == 1
    world.launch()
    world.finish(*world.running)
    world.reconcile()
    assert world.pending == [requested_run_id(world.uid(), "a")]


def test_targets_of_one_site_take_turns(world: World) -> None:
    world.apply("u", startUrls=["http://www.RIVAL.example.org:8080/spb"])
    world.reconcile("u")
    world.at(THREE)
    world.reconcile()
    assert world.reconcile("u") == 5
    assert world.condition("Scheduled", "u") == ("False", "DomainBusy")
    assert world.condition("Ready", "u") == ("True", "Ready")
    world.launch()
    world.finish(*world.running)
    world.reconcile("u")
    assert [owner(run) for run in world.pending] == [world.uid("u")]
    assert world.condition("Scheduled", "u") == ("True", "Scheduled")


async def test_two_workers_never_find_one_site_free_together() -> None:
    world = World()
    for name in ("t", "u", "v"):
        world.apply(name)
        world.annotate(name, run="1")
    keys = [Key(PLURAL, "moscow", name) for name in ("t", "u", "v")]
    await asyncio.gather(*(world.targets.reconcile(key) for key in keys))
    assert len(world.pending) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.org", "a.org", True),
        ("spb.a.org", "a.org", True),
        ("a.org", "spb.a.org", True),
        ("ba.org", "a.org", False),
        ("spb.a.org", "msk.a.org", False),
    ],
)
def test_a_site_is_its_host_and_all_below(one: str, other: str, same: bool) -> None:
    assert share_a_site([one], ["x.org", other]) is same


def test_a_run_that_dies_without_a_word_has_crashed(world: World) -> None:
    world.at(THREE)
    world.reconcile()
    world.launch()
    world.die(*world.running)
    assert world.reconcile() != 5
    assert world.condition("Healthy") == ("False", "Crashed")
    assert [one["outcome"] for one in world.runs[world.uid()]] == ["crashed"]  # catalog knows, too


def test_a_spider_that_never_reached_catalog_has_crashed(world: World) -> None:
    world.at(THREE)
    world.reconcile()
    world.launch()
    world.runs.clear()
    world.die(*world.running)
    world.reconcile()
    assert world.status()["lastRun"]["outcome"] == "Crashed"
    assert world.condition("Healthy") == ("False", "Crashed")
    before = world.writes
    world.reconcile()
    assert world.writes == before


def test_a_run_that_scrapyd_has_forgotten_has_crashed_after_a_while(world: World) -> None:
    world.at(THREE)
    world.reconcile()
    world.launch()
    world.running.clear()
    assert world.reconcile() == 5
    world.now += timedelta(seconds=59)
    assert world.reconcile() == 5
    assert world.condition("Healthy") == ("Unknown", "NoRunYet")
    world.now += timedelta(seconds=2)
    world.reconcile()
    assert world.condition("Healthy") == ("False", "Crashed")


def test_a_process_that_died_after_its_request_begins_nothing_twice(world: World) -> None:
    world.at(THREE)
    world.kill_in = 4  # GET of catalog twice, before the job, after the job
    with pytest.raises(Killed):
        world.reconcile()
    assert len(world.pending) == 1
    world.targets = world.born()
    world.reconcile()
    assert len(world.pending) == 1
    assert world.status()["lastRun"]["outcome"] == "Running"


@pytest.mark.parametrize("forgetful", ["scrapyd", "catalog"])
def test_either_memory_of_a_run_keeps_it_from_beginning_twice(world: World, forgetful: str) -> None:
    world.at(THREE)
    world.kill_in = 4
    with pytest.raises(Killed):
        world.reconcile()
    world.launch()
    world.finish(*world.running)
    world.finished.clear() if forgetful == "scrapyd" else world.runs.clear()
    world.targets = world.born()
    world.reconcile()
    assert not world.pending
    assert world.status()["lastScheduleTime"] == "2026-11-26T03:00:00Z"
    assert world.condition("Healthy")[1] == ("Healthy" if forgetful == "scrapyd" else "Crashed")


def test_metrics_name_the_target_and_how_its_last_run_went(world: World) -> None:
    leading = True

    def told() -> dict[str, dict[tuple[str, ...], float]]:
        families = Health(lambda: list(world.resources.values()), lambda: leading).collect()
        return {one.name: {tuple(s.labels.values()): s.value for s in one.samples} for one in families}

    assert told() == {"mesto_operator_target_healthy": {}, "mesto_operator_target_items": {}}
    world.at(THREE)
    world.reconcile()
    world.launch()
    world.finish(world.running[0])
    world.reconcile()
    assert told() == {
        "mesto_operator_target_healthy": {("moscow/t", "Healthy"): 1},
        "mesto_operator_target_items": {("moscow/t",): 12},
    }
    world.annotate(run="1")
    world.reconcile()
    world.launch()
    world.finish(world.running[0], "blocked")
    world.reconcile()
    assert told()["mesto_operator_target_healthy"] == {("moscow/t", "Blocked"): 0}
    leading = False
    assert told()["mesto_operator_target_healthy"] == {}


def test_history_is_as_long_as_the_spec_says(world: World) -> None:
    def kept() -> tuple[int, int]:
        outcomes = [one["outcome"] for one in world.status().get("history", [])]
        return outcomes.count("Succeeded"), outcomes.count("Dns")

    for day in range(10):
        world.at(f"2026-12-{day + 1:02}T03:00:00+00:00")
        world.run(outcome="dns" if day % 2 else "succeeded")
    assert kept() == (3, 1)
    world.apply(successfulRunsHistoryLimit=1, failedRunsHistoryLimit=0)
    world.reconcile()
    assert kept() == (1, 0)


@pytest.mark.parametrize(("away", "reason"), [("scrapyd", "ScrapydUnavailable"), ("catalog", "CatalogUnavailable")])
def test_what_is_away_is_said_and_nothing_is_lost(world: World, away: str, reason: str) -> None:
    world.at(THREE)
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
    world.targets = world.born()
    world.apply()
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "NotConfigured")
    world.delete()
    assert not world.resources
    assert not world.gone


def test_a_paused_target_is_left_alone(world: World) -> None:
    world.annotate(paused="true", run="1")
    world.at(THREE)
    assert world.reconcile() is None
    assert world.condition("Ready") == ("True", "Paused")
    assert not world.begun


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"schedule": "61 * * * *"}, "not a schedule"),
        ({"defaults": {"currency": "roubles"}}, "currency"),
        (
            {"startUrls": ["https://vera:topsecret@rival.example.org/"]},
            "spec.startUrls[0]: it has a user",
        ),
        (
            {"startUrls": ["https://rival.example.org/", "http://127\u30020\u30020\u30021/"]},
            "spec.startUrls[1]: its host is no name by IDNA 2008",
        ),
        (selectors("Selectors", price={"css": ".price::"}), "spec.extract.fields.price.css: it is no CSS selector"),
        (selectors("Selectors", price={"css": "p:has-no("}), "spec.extract.fields.price.css: it is no CSS selector"),
        (selectors("Selectors", terms={"xpath": "//p["}), "spec.extract.fields.terms.xpath: it is no XPath"),
        (selectors("Selectors", url={"xpath": "re:what(//a)"}), "spec.extract.fields.url.xpath: it is no XPath"),
        (
            selectors("Selectors", url={"path": "a"}),
            "spec.extract.fields.url.path: mode Selectors reads pages",
        ),
        (selectors("JsonApi", per={"css": "p"}), "spec.extract.fields.per.css: mode JsonApi reads JSON; write path"),
        (selectors("JsonApi", price={"path": "a[?"}), "spec.extract.fields.price.path: it is no JMESPath"),
        (selectors("Selectors", next={"css": "a:::b"}), "spec.extract.next.css: it is no CSS selector"),
        (selectors("Selectors", next={"value": "/2"}), "spec.extract.next.value: a constant"),
        (selectors("StructuredData", items=None, price={"path": "a["}), "spec.extract.fields.price.path: it is no"),
        (selectors("Selectors", url={"xpath": "re:test(., '(')"}), "spec.extract.fields.url.xpath: it is no XPath"),
    ],
)
def test_a_spec_that_the_api_server_let_through_is_invalid(spec: dict[str, Any], said: str) -> None:
    world = World()
    world.apply(**spec)
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "Invalid")
    assert said in world.status()["conditions"][0]["message"]
    assert "topsecret" not in str(world.status())


@pytest.mark.parametrize(
    "broken",
    [
        selectors("Selectors", terms={"xpath": "re:test(., '(')"}),
        {"extract": 1, "startUrls": ["https://other.example.org/", 7, "http://["]},
        {"startUrls": 5},
    ],
)
def test_a_spec_that_breaks_while_its_run_goes_on_is_nobody_elses_matter_and_can_be_deleted(
    broken: dict[str, Any],
) -> None:
    world = World()
    world.apply("hostile", startUrls=["https://other.example.org/"])
    world.annotate("hostile", run="1")
    world.reconcile("hostile")
    world.apply()
    world.annotate(run="1")
    world.apply("hostile", **broken)
    world.reconcile("hostile")
    assert world.condition("Ready", "hostile") == ("False", "Invalid")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")
    assert len(world.pending) == 2
    world.delete("hostile")
    world.reconcile("hostile")
    assert "hostile" not in world.resources


@pytest.mark.parametrize("mode", ["Selectors", "JsonApi", "StructuredData"])
def test_selectors_that_can_be_read_are_ready(mode: str) -> None:
    world = World()
    price = {"path": "offers[?price > `0`].price | [0]"} if mode != "Selectors" else {"css": ".a:not(.b)::text"}
    terms = {"path": "join(' ', terms)"} if mode == "JsonApi" else {"xpath": "//p[re:test(., 'x')][has-class('y')]"}
    world.apply(**selectors(mode, price=price, terms=terms))
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")


def test_a_city_that_the_platform_does_not_declare_is_said_and_nothing_is_read() -> None:
    world = World()

    def declare(*cities: str, **more: Any) -> None:
        world.version += 1
        metadata = {"namespace": "mesto", "name": "default", "uid": str(uuid4()), "generation": 1}
        spec = {"geo": {"cities": [{"slug": slug} | more for slug in cities]}}
        config = {"metadata": metadata | {"resourceVersion": str(world.version)}, "spec": spec}
        world.targets.resources.update("platformconfigs", config)

    world.apply(defaults={"city": "atlantis"})
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")  # nobody knows which cities there are
    declare("moscow")
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "UnknownCity")
    assert "spec.defaults.city" in world.status()["conditions"][0]["message"]
    world.at(THREE)
    world.reconcile()
    assert not world.begun
    declare("moscow", "atlantis")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")
    declare("atlantis", namespaces=["elsewhere"])
    world.reconcile()
    assert world.condition("Ready") == ("False", "CityNotAllowed")


def test_a_run_knows_the_cities_that_its_namespace_may_use() -> None:
    named = {"name": {"en": "City"}, "timeZone": "Europe/Moscow", "currency": "RUB"}
    city = named | {"center": {"latitude": 55.0, "longitude": 37.0}}
    all_, theirs, ours = (city | {"slug": slug} for slug in ("moscow", "kazan", "tver"))
    declared = [all_, theirs | {"namespaces": ["elsewhere"]}, ours | {"namespaces": ["here", "elsewhere"]}]
    config = {"spec": {"geo": {"cities": declared}}}
    assert [one.slug for one in cities(config, "here")] == ["moscow", "tver"]


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


CLOCKS_CHANGE = ("2026-03-28T20:00:00+00:00", "2026-10-24T20:00:00+00:00", "2026-11-25T12:00:00+00:00")


class Anything(RuleBasedStateMachine):
    """Anything may happen, the operator's end at any effect too; `World.check_begin` holds for every run begun.

    Once the world is well, all that is due is begun, every run has an end, and the next look writes nothing.
    """

    @initialize(
        start=st.sampled_from(CLOCKS_CHANGE),
        text=st.sampled_from(["*/30 * * * *", "30 2 * * *", "15 1,2 * * *"]),
        deadline=st.sampled_from([3600, 86_400, 120]),
    )
    def begins(self, start: str, text: str, deadline: int) -> None:
        self.world = World(datetime.fromisoformat(start))
        common = {"schedule": text, "timeZone": "Europe/Berlin", "startingDeadlineSeconds": deadline}
        self.world.apply("t", **common)
        self.world.apply("u", **common, startUrls=["https://rival.example.org/spb"])
        self.world.apply("v", **common, startUrls=["https://other.example.org/"])
        for name in self.world.resources:
            self.world.reconcile(name)

    @rule(
        end=st.sampled_from(["succeeded", "dns", "die", "restart", "start"]),
        minutes=st.sampled_from([31, 61, 1, 240, 700]),
        names=st.permutations(["t", "u", "v"]),
        away=st.sampled_from(["", "", "", "", "scrapyd", "catalog"]),
        # 4: after the first job was given, before the status says so
        kill_in=st.sampled_from([None, 4, None, 4, None, 3, 5, 6, 7, 8, 9, 12, 15]),
    )
    def time_passes(self, end: str, minutes: int, names: list[str], away: str, kill_in: int | None) -> None:
        self.spiders_act(end)
        self.world.now += timedelta(minutes=minutes)
        self.world.scrapyd_up, self.world.catalog_up = away != "scrapyd", away != "catalog"
        self.world.kill_in = kill_in
        for name in names:
            with contextlib.suppress(Killed):
                self.world.reconcile(name)
                continue
            self.world.targets = self.world.born()
        self.world.kill_in = None

    def spiders_act(self, what: str) -> None:
        self.world.launch()
        if what == "restart":
            self.world.restart_scrapyd()
        for run in list(self.world.running) if what != "start" else ():
            self.world.die(run) if what == "die" else self.world.finish(run, what)

    @rule(
        name=st.sampled_from(["t", "u", "v"]),
        change=st.sampled_from([{"suspend": True}, {"suspend": False}, {"schedule": "45 2 * * *"}, "1", "2", None]),
    )
    def people_act(self, name: str, change: dict[str, Any] | str | None) -> None:
        if isinstance(change, dict):
            self.world.apply(name, **change)
        else:
            self.world.annotate(name, run=change)

    @rule()
    def converges(self) -> None:
        twin = self.world.twin()
        twin.scrapyd_up = twin.catalog_up = True
        for name in twin.resources:
            twin.annotate(name, paused=None)
        for _ in range(9):  # what runs ends, what waits has its turn, what is lost is found out
            looks = [twin.reconcile(name) for name in twin.resources]
            if 5 not in looks:
                break
            twin.launch()
            for run in list(twin.running):
                twin.finish(run)
            twin.now += timedelta(seconds=31)
        for name, resource in twin.resources.items():
            self.is_at_rest(twin, name, resource)
        before = twin.writes
        for name in twin.resources:
            twin.reconcile(name)
        assert twin.writes == before
        assert not twin.pending

    def teardown(self) -> None:
        self.converges()

    def is_at_rest(self, twin: World, name: str, resource: dict[str, Any]) -> None:
        desired = parse(resource)
        assert desired.spec is not None
        assert twin.condition("Ready", name) == ("True", "Ready")
        assert twin.condition("Scheduled", name)[1] == ("Suspended" if desired.spec.suspend else "Scheduled")
        assert resource["status"].get("lastRun", {}).get("outcome") != "Running"
        assert all(run["outcome"] != "running" for run in twin.runs.get(desired.uid, []))
        if desired.run:
            assert resource["status"]["ranFor"] == desired.run
        last = schedule.last(desired.spec.schedule, "Europe/Berlin", twin.now)
        if not desired.spec.suspend and last > desired.created:
            done = datetime.fromisoformat(resource["status"]["lastScheduleTime"])
            assert done >= last  # later: a time of the schedule that was there before
            begun = self.begun(twin, scheduled_run_id(desired.uid, last))
            assert done > last or begun or too_late(resource, last, twin.now)

    def begun(self, twin: World, run: str) -> bool:
        """Whether the run was begun: also when a scrapyd that died has forgotten it."""
        return run in twin.begun or run in twin.forgotten


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
