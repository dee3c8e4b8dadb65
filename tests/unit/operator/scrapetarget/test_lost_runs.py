"""Runs that die, that nobody knows any more, or that were begun by a process that died."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.fakes.target_views import THREE
from support.fakes.targets import Killed, World


def test_a_run_that_dies_without_a_word_has_crashed(world: World) -> None:
    world.set_clock(THREE)
    world.reconcile()
    world.launch()
    world.die(*world.running)
    assert world.reconcile() != 5
    assert world.condition("Healthy") == ("False", "Crashed")
    assert [run["outcome"] for run in world.runs[world.uid()]] == ["crashed"]  # catalog knows, too


def test_a_spider_that_never_reached_catalog_has_crashed(world: World) -> None:
    world.set_clock(THREE)
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
    world.set_clock(THREE)
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
    world.set_clock(THREE)
    world.kill_in = 4  # GET of catalog twice, before the job, after the job
    with pytest.raises(Killed):
        world.reconcile()
    assert len(world.pending) == 1
    world.targets = world.start_operator()
    world.reconcile()
    assert len(world.pending) == 1
    assert world.status()["lastRun"]["outcome"] == "Running"


@pytest.mark.parametrize("forgetful", ["scrapyd", "catalog"])
def test_either_memory_of_a_run_keeps_it_from_beginning_twice(world: World, forgetful: str) -> None:
    world.set_clock(THREE)
    world.kill_in = 4
    with pytest.raises(Killed):
        world.reconcile()
    world.launch()
    world.finish(*world.running)
    world.finished.clear() if forgetful == "scrapyd" else world.runs.clear()
    world.targets = world.start_operator()
    world.reconcile()
    assert not world.pending
    assert world.status()["lastScheduleTime"] == "2026-11-26T03:00:00Z"
    assert world.condition("Healthy")[1] == ("Healthy" if forgetful == "scrapyd" else "Crashed")
