"""Whatever happened to targets, their plan converges and rests, and no run is begun twice."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from mesto.operator import schedule
from mesto.operator.kinds.scrapetarget.crawl import (
    scheduled_run_id,
)
from mesto.operator.kinds.scrapetarget.runs import parse
from support.fakes.targets import Killed, World, too_late

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
            self.world.targets = self.world.start_operator()
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
        twin = self.world.copy_everything()
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
