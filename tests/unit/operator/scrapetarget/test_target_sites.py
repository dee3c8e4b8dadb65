"""Targets of one site take turns."""

from __future__ import annotations

import asyncio

import pytest
from mesto.operator.cache import Key
from mesto.operator.kinds.scrapetarget.crawl import (
    owner,
    share_a_site,
)
from support.fakes.target_views import THREE
from support.fakes.targets import PLURAL, World


def test_targets_of_one_site_take_turns(world: World) -> None:
    world.apply("u", startUrls=["http://www.RIVAL.example.org:8080/spb"])
    world.reconcile("u")
    world.set_clock(THREE)
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
