"""When a watch is taken for frozen, and when it is not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from mesto.operator.cluster import Expired, Silent
from mesto.operator.liveness import Frozen, Stream, WatchMonitor
from mesto.operator.queue import RetryLater

PATIENCE = 60.0
SPACES = Stream("coworkingspaces", "")


@dataclass
class Server:
    """Changes by stream and version; ``away`` is what it answers instead."""

    changes: dict[Stream, list[int]] = field(default_factory=dict)
    at: int = 100
    forgotten: int = 0
    away: bool = False
    silent: bool = False  # for watches only
    asked: list[int] = field(default_factory=list)

    def change(self, stream: Stream = SPACES) -> int:
        self.at += 1
        self.changes.setdefault(stream, []).append(self.at)
        return self.at

    async def newest(self, plural: str, namespace: str) -> int:
        if self.away:
            raise RetryLater("away")
        return self.at

    async def after(self, plural: str, namespace: str, version: int) -> int | None:
        if self.away:
            raise RetryLater("away")
        if self.silent:
            raise Silent("no answer")
        if version < self.forgotten:
            raise Expired("410")
        self.asked.append(version)
        return next((change for change in self.changes.get(Stream(plural, namespace), []) if change > version), None)


@dataclass
class Stage:
    server: Server
    watches: WatchMonitor
    now: float = 0.0

    async def after(self, seconds: float) -> str:
        """What is said after a look so much later."""
        self.now += seconds
        await self.watches.check()
        return self.watches.failure()


def stage_of(*streams: Stream) -> Stage:
    server = Server()
    stage = Stage(server, WatchMonitor(server, streams or [SPACES], PATIENCE, lambda: stage.now))
    return stage


async def begun(*streams: Stream) -> Stage:
    """One whose process has had its time to begin."""
    stage = stage_of(*streams)
    await stage.after(0)
    stage.now += PATIENCE
    return stage


@pytest.fixture
async def stage() -> Stage:
    return await begun()


async def test_a_quiet_watch_is_well_however_long(stage: Stage) -> None:
    for _ in range(5):
        assert await stage.after(10_000) == ""


async def test_a_change_that_does_not_come_is_a_frozen_watch_after_a_while(stage: Stage) -> None:
    stage.server.change()
    assert await stage.after(10) == ""
    assert await stage.after(PATIENCE - 1) == ""
    said = await stage.after(1)
    assert (
        said
        == "the watch of coworkingspaces in all namespaces has brought nothing for 60 s although there is something"
    )


async def test_what_comes_late_ends_it(stage: Stage) -> None:
    version = stage.server.change()
    await stage.after(1)
    assert await stage.after(PATIENCE) != ""
    stage.watches.record("coworkingspaces", "moscow", version)
    assert await stage.after(1) == ""
    assert await stage.after(PATIENCE) == ""


async def test_a_watch_that_is_behind_but_brings_events_is_well(stage: Stage) -> None:
    versions = [stage.server.change() for _ in range(20)]
    for version in versions:
        assert await stage.after(PATIENCE - 1) == ""
        stage.watches.record("coworkingspaces", "moscow", version)


async def test_old_versions_that_come_are_life_too(stage: Stage) -> None:
    stage.server.change()
    for _ in range(5):
        assert await stage.after(PATIENCE - 1) == ""
        stage.watches.record("coworkingspaces", "moscow", 5)


async def test_while_the_api_server_is_away_nothing_is_frozen(stage: Stage) -> None:
    stage.server.change()
    await stage.after(1)
    stage.server.away = True
    for _ in range(5):
        assert await stage.after(10 * PATIENCE) == ""
    stage.server.away = False
    assert await stage.after(1) == ""
    assert await stage.after(PATIENCE - 1) == "", "a watch has all its time to begin anew"
    assert await stage.after(1) != ""


async def test_what_the_server_forgets_is_still_owed(stage: Stage) -> None:
    stage.server.change()
    await stage.after(1)
    stage.server.forgotten = stage.server.at + 1
    assert await stage.after(PATIENCE) != ""


async def test_a_look_that_is_too_old_begins_anew_and_sees_what_follows(stage: Stage) -> None:
    stage.server.at = 500
    stage.server.forgotten = 400
    assert await stage.after(1) == ""
    stage.server.change()
    await stage.after(1)
    assert stage.server.asked[-1] == 500
    assert await stage.after(PATIENCE) != ""


async def test_each_watch_answers_for_itself() -> None:
    here, there = Stream("coworkingspaces", "here"), Stream("coworkingspaces", "there")
    stage = await begun(here, there)
    stage.server.change(there)
    await stage.after(1)
    stage.now += PATIENCE
    stage.watches.record("coworkingspaces", "here", stage.server.at + 1)
    assert "coworkingspaces in there" in await stage.after(0)


async def test_a_new_process_has_its_time_to_list_what_there_is() -> None:
    stage = stage_of()
    await stage.after(0)
    stage.server.change()
    assert await stage.after(PATIENCE) == ""
    assert await stage.after(PATIENCE - 1) == ""
    assert await stage.after(1) != ""


async def test_a_process_that_nobody_restarts_ends_itself() -> None:
    stage = await begun()
    stage.server.change()
    await stage.after(1)
    stage.now += 2 * PATIENCE
    with pytest.raises(Frozen, match="coworkingspaces"):
        await stage.watches.run()


async def test_a_server_that_answers_but_lets_no_watch_through_is_noticed(stage: Stage) -> None:
    stage.server.silent = True
    assert await stage.after(1) == ""
    assert await stage.after(PATIENCE) != ""
    stage.watches.record("coworkingspaces", "moscow", 101)
    assert await stage.after(1) == "", "ours does"
