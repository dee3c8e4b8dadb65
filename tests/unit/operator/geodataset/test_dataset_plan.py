"""The plan of a GeoDataset: it converges from anywhere, survives a crash between any two steps, and then rests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mesto.operator.cache import Key
from mesto.operator.conditions import stamp
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.geodataset.apply import Datasets
from mesto.operator.kinds.geodataset.plan import (
    Fetch,
    Load,
    Observed,
    Remove,
    parse,
)
from mesto.operator.kinds.geodataset.spec import Attempt
from support.fakes.dataset_world import NOW, Killed, World


def test_a_new_dataset_is_loaded_and_then_left_alone() -> None:
    world = World()
    assert world.reconcile() == [AddFinalizer, Fetch, Load, WriteStatus]
    assert world.condition("Ready") == ("True", "Ready")
    assert world.resource is not None
    assert world.resource["status"]["features"] == 3
    assert world.reconcile() == [Fetch]
    assert world.reconcile(force=True) == [Fetch]


def test_a_config_map_that_changed_is_loaded_anew() -> None:
    world = World()
    world.reconcile()
    world.edition = "b"
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert world.stored is not None
    assert world.stored.source == "b"


def test_what_was_loaded_stays_when_its_source_is_broken() -> None:
    world = World()
    world.reconcile()
    world.edition, world.broken = "b", True
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert world.condition("Ready") == ("True", "Ready")
    assert world.condition("Synced") == ("False", "InvalidData")
    assert world.reconcile() == [Fetch]  # a permanent error is no reason to try again
    world.now += timedelta(seconds=121)
    world.resync("1")
    assert world.reconcile() == [Fetch, Load, WriteStatus]  # somebody asked
    assert world.reconcile() == [Fetch]
    world.edition, world.broken = "c", False
    world.reconcile()
    assert world.condition("Synced") == ("True", "Synced")


def test_rows_that_somebody_changed_are_loaded_anew() -> None:
    world = World()
    world.reconcile()
    assert world.stored is not None
    world.geo["moscow.d"] = world.stored.model_copy(update={"intact": False})
    assert world.reconcile(force=True) == [Fetch, Load, WriteStatus]
    assert world.stored.intact


def test_an_address_is_read_again_when_it_is_due_and_only_then() -> None:
    refresh = {"schedule": "0 4 * * *", "timeZone": "Europe/Moscow"}
    world = World(source={"url": "https://data.example.org/d.geojson"}, refresh=refresh)
    world.edition = ""
    world.reconcile()
    assert world.resource is not None
    assert world.resource["status"]["nextRefreshTime"] == "2026-11-26T01:00:00Z"
    world.now = datetime(2026, 11, 26, 0, 59, tzinfo=UTC)
    assert world.reconcile() == [Fetch]
    world.now += timedelta(minutes=2)
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert world.resource["status"]["nextRefreshTime"] == "2026-11-27T01:00:00Z"
    world.now, world.broken = datetime(2026, 11, 27, 2, 0, tzinfo=UTC), True
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert (world.condition("Ready"), world.condition("Synced")[0]) == (("True", "Ready"), "False")
    assert world.resource["status"]["nextRefreshTime"] == "2026-11-28T01:00:00Z"
    assert world.reconcile() == [Fetch]


def test_deletion_waits_for_geo_and_says_so() -> None:
    world = World()
    world.reconcile()
    assert world.resource is not None
    world.resource["metadata"]["deletionTimestamp"] = "2026-11-25T12:00:00Z"
    world.down = True
    assert world.reconcile() == [Remove, WriteStatus]
    assert world.condition("Ready") == ("False", "DeletionWaits")
    world.down = False
    assert world.reconcile() == [Remove, RemoveFinalizer]
    assert world.stored is not None
    assert world.stored.owner is None  # retained


def test_a_resource_that_never_loaded_deletes_nothing() -> None:
    other = World()
    other.reconcile()
    world = World(deletionPolicy="Delete")
    world.geo, world.broken = other.geo, True
    world.reconcile()
    assert world.resource is not None
    world.resource["metadata"]["deletionTimestamp"] = "2026-11-25T12:00:00Z"
    world.reconcile()
    assert world.stored is not None


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"refresh": {"schedule": "61 * * * *"}}, "not a schedule"),
        ({"source": {"configMap": {"name": "x"}}}, "source.configMap.key"),
    ],
)
def test_a_spec_that_the_api_server_let_through_is_invalid(spec: dict[str, Any], said: str) -> None:
    world = World(**spec)
    assert world.reconcile() == [WriteStatus]
    assert world.condition("Ready") == ("False", "Invalid")
    assert world.resource is not None
    assert said in world.resource["status"]["conditions"][0]["message"]


def test_the_pause_between_attempts_grows_up_to_an_hour() -> None:
    context = cast(Any, SimpleNamespace(resources=None, now=lambda: NOW))
    datasets, key = Datasets(context, cast(Any, None), refused_seconds=120), Key("geodatasets", "moscow", "d")
    desired = parse(World().resource or {})
    pauses = []
    for count in (1, 2, 3, 8):
        attempt = Attempt(generation=1, outcome="SourceUnreachable", started_at=stamp(NOW), count=count)
        pauses.append(datasets.requeue_after(key, desired, Observed(stored=None, attempt=attempt)))
    assert pauses == [120, 240, 480, 3600]
    assert datasets.is_refused(key)
    datasets.requeue_after(
        key, desired, Observed(stored=None, attempt=attempt.model_copy(update={"outcome": "Loaded"}))
    )
    assert not datasets.is_refused(key)


def test_what_was_tried_in_vain_is_remembered_by_the_status_and_tried_later() -> None:
    world = World()
    world.broken = True
    assert world.reconcile() == [AddFinalizer, Fetch, Load, WriteStatus]
    assert world.reconcile() == [Fetch]  # by a process that was begun anew, too: it knows no more than the status
    world.now += timedelta(seconds=121)
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert world.attempt()["count"] == 2
    world.now += timedelta(seconds=121)
    assert world.reconcile() == [Fetch]
    world.now += timedelta(seconds=121)
    world.broken = False
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert (world.attempt()["outcome"], world.attempt()["count"]) == ("Loaded", 0)
    assert "message" not in world.attempt()


def test_a_reading_that_ended_the_process_is_not_begun_at_once_again() -> None:
    world = World()
    world.cut = "read"
    for count, pause in ((1, 10), (2, 20), (3, 40)):
        with pytest.raises(Killed):
            world.reconcile()
        assert world.attempt() == {
            "generation": 1,
            "edition": "a",
            "startedAt": stamp(world.now),
            "outcome": "Running",
            "count": count,
        }
        assert world.reconcile() in ([Fetch, WriteStatus], [Fetch])
        assert world.condition("Ready") == ("False", "Interrupted")
        world.now += timedelta(seconds=pause - 1)
        assert world.reconcile() == [Fetch]
        world.now += timedelta(seconds=2)
    world.edition, world.cut = "b", ""  # other data is tried at once
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert world.condition("Ready") == ("True", "Ready")


def test_what_arrived_before_the_process_died_is_loaded() -> None:
    world = World()
    world.cut = "told"
    with pytest.raises(Killed):
        world.reconcile()
    world.cut = ""
    assert world.reconcile() == [Fetch, WriteStatus]
    assert (world.condition("Synced"), world.attempt()["outcome"]) == (("True", "Synced"), "Loaded")
    assert world.reconcile() == [Fetch]


def test_an_address_is_read_again_when_somebody_asks_and_once() -> None:
    world = World(source={"url": "https://data.example.org/d.geojson"})
    world.edition = ""
    world.reconcile()
    assert world.reconcile(force=True) == [Fetch]  # the operator's own rounds do not burden somebody's site
    world.resync("1")
    assert world.reconcile(force=True) == [Fetch, Load, WriteStatus]
    assert world.attempt()["resync"] == "1"
    assert world.reconcile(force=True) == [Fetch]
    world.resync("2")
    world.broken = True
    assert world.reconcile() == [Fetch, Load, WriteStatus]
    assert (world.condition("Ready"), world.condition("Synced")[1]) == (("True", "Ready"), "InvalidData")
    assert world.reconcile() == [Fetch]


def test_an_address_with_a_password_is_refused_and_not_shown() -> None:
    world = World(source={"url": "https://vera:topsecret@data.example.org/d.geojson"})
    assert world.reconcile() == [WriteStatus]
    assert world.condition("Ready") == ("False", "Invalid")
    assert "topsecret" not in str((world.resource or {})["status"])
    assert "spec.source.url" in str((world.resource or {})["status"])
