"""The operator's process against a real API server and a real catalog: life, death and everything between."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.clients.spaces import conditions, space
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    """Without geo, which never answers here; booking is asked before spaces are removed."""
    env = {"MESTO_OPERATOR_REFUSED_SECONDS": "2", "MESTO_OPERATOR_MISSING_SECONDS": "1"}
    return new_platform(
        "catalog", "booking", "operator", env=env | {"MESTO_OPERATOR_COMPARE_SECONDS": "2"}, tasks=False
    )


@pytest.fixture
def ns(stage: Platform) -> Iterator[str]:
    """A namespace whose resources go, and their rows with them, after the test."""
    name = stage.namespace(f"op-{uuid.uuid4().hex[:8]}")
    yield name
    stage.delete_all("cws", name)


def get(stage: Platform, ns: str, name: str) -> Manifest:
    return stage.resource("cws", name, ns)


def slug_of(ns: str, name: str) -> str:
    """Slugs are unique on the platform, so each namespace has its own."""
    return f"{name}-{ns}"


def named(ns: str, name: str, **changes: Any) -> Manifest:
    return space(name, **({"slug": slug_of(ns, name)} | changes))


def wait_condition(stage: Platform, ns: str, name: str, kind: str, status: str, reason: str) -> Manifest:
    """The resource once the condition says this about its own generation."""

    def condition_reached() -> Manifest | None:
        resource = get(stage, ns, name)
        condition = conditions(resource).get(kind, {})
        told = (condition.get("status"), condition.get("reason"), condition.get("observedGeneration"))
        assert told == (status, reason, resource["metadata"]["generation"])
        return resource

    found = eventually(condition_reached, f"{kind} of {name} is {status} {reason}")
    assert found is not None
    return found


def synced(stage: Platform, ns: str, name: str) -> Manifest:
    return wait_condition(stage, ns, name, "Synced", "True", "Synced")


def rows(stage: Platform, slug: str) -> list[tuple[Any, ...]]:
    """The stored spaces under a slug."""
    return stage.sql(
        "SELECT address, generation, managed, published, id::text FROM catalog.spaces WHERE slug = %s AND NOT removed",
        slug,
    )


def told_of(stage: Platform, ns: str, reason: str) -> None:
    """Wait for an Event; they are written after what they tell of."""

    def event_published() -> bool:
        events = stage.resources("events", ns)
        return reason in [event["reason"] for event in events]

    eventually(event_published, f"an Event {reason}")


def gone(stage: Platform, ns: str, name: str) -> bool:
    return stage.gone("cws", name, ns)


def test_create_and_update_reach_catalog_and_the_status(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "loft"))
    resource = synced(stage, ns, "loft")
    [(address, generation, managed, published, space_id)] = rows(stage, slug_of(ns, "loft"))
    assert (address, generation, managed, published) == ("Мясницкая улица, 13", 1, True, True)
    status = resource["status"]
    assert (status["spaceId"], status["slug"], status["observedGeneration"]) == (space_id, slug_of(ns, "loft"), 1)
    assert "url" not in status, "nobody is shown a page yet"
    told = conditions(resource)
    assert told["Ready"]["status"] == "False"
    assert told["Ready"]["reason"] in ("AwaitingBooking", "AwaitingGeo")
    assert (told["Located"]["status"], told["Located"]["reason"]) == ("Unknown", "AwaitingGeo")
    assert resource["metadata"]["finalizers"] == ["mesto.dev/space"]
    assert not any("kopf" in name for name in resource["metadata"].get("annotations", {}))
    stage.apply(ns, named(ns, "loft", address="Покровка, 1"))
    resource = synced(stage, ns, "loft")
    assert rows(stage, slug_of(ns, "loft"))[0][:2] == ("Покровка, 1", 2)
    assert resource["status"]["spaceId"] == space_id


def test_the_slug_is_the_name_when_none_is_declared(stage: Platform, ns: str) -> None:
    stage.apply(ns, space(f"plain-{ns}"))
    assert synced(stage, ns, f"plain-{ns}")["status"]["slug"] == f"plain-{ns}"


@pytest.mark.parametrize(("policy", "left"), [("Retain", [(False, False)]), ("Delete", [])])
def test_deletion_keeps_or_removes_the_row(
    stage: Platform, ns: str, policy: str, left: list[tuple[bool, bool]]
) -> None:
    stage.apply(ns, named(ns, "loft", deletionPolicy=policy))
    synced(stage, ns, "loft")
    stage.delete("cws", "loft", ns)
    assert [row[2:4] for row in rows(stage, slug_of(ns, "loft"))] == left
    told_of(stage, ns, "Deleted" if policy == "Delete" else "Retained")


def test_a_retained_space_is_taken_back_by_its_name(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "loft"))
    before = synced(stage, ns, "loft")["status"]["spaceId"]
    stage.delete("cws", "loft", ns)
    stage.apply(ns, named(ns, "loft"))
    assert synced(stage, ns, "loft")["status"]["spaceId"] == before


def test_a_second_claimant_conflicts_and_takes_over_when_the_first_is_removed(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "first", slug=f"wanted-{ns}", deletionPolicy="Delete"))
    synced(stage, ns, "first")
    stage.apply(ns, named(ns, "second", slug=f"wanted-{ns}"))
    resource = wait_condition(stage, ns, "second", "Synced", "False", "Conflict")
    assert conditions(resource)["Ready"]["reason"] == "Conflict"
    assert f"{ns}/first" in conditions(resource)["Synced"]["message"]
    told_of(stage, ns, "Conflict")
    stage.delete("cws", "first", ns)
    synced(stage, ns, "second")


def test_a_retained_space_is_adopted_by_annotation_only(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "old", slug=f"heritage-{ns}"))
    space_id = synced(stage, ns, "old")["status"]["spaceId"]
    stage.delete("cws", "old", ns)
    stage.apply(ns, named(ns, "heir", slug=f"heritage-{ns}"))
    refused = wait_condition(stage, ns, "heir", "Synced", "False", "AdoptNeeded")
    assert space_id in conditions(refused)["Synced"]["message"]
    stage.annotate("cws", "heir", ns, f"mesto.dev/adopt={space_id}")
    assert synced(stage, ns, "heir")["status"]["spaceId"] == space_id
    told_of(stage, ns, "Adopted")


def test_a_space_whose_resource_went_unseen_is_unpublished_and_can_be_adopted(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "stays"), named(ns, "lost", slug=f"heritage-{ns}"))
    synced(stage, ns, "stays")
    space_id = synced(stage, ns, "lost")["status"]["spaceId"]
    stage.annotate("cws", "lost", ns, "mesto.dev/paused=true")
    stage.change("cws", "lost", ns, {"metadata": {"finalizers": None}})
    stage.delete("cws", "lost", ns)
    stage.apply(ns, named(ns, "heir", slug=f"heritage-{ns}"))
    refused = wait_condition(stage, ns, "heir", "Synced", "False", "AdoptNeeded")
    assert space_id in conditions(refused)["Synced"]["message"]
    eventually(lambda: rows(stage, f"heritage-{ns}")[0][2:4] == (False, False), "it is unmanaged and unpublished")
    assert rows(stage, slug_of(ns, "stays"))[0][2:4] == (True, True)
    stage.annotate("cws", "heir", ns, f"mesto.dev/adopt={space_id}")
    assert synced(stage, ns, "heir")["status"]["spaceId"] == space_id


def test_a_space_crosses_namespaces_by_consent_of_its_own_side_only(stage: Platform, ns: str) -> None:
    other = stage.namespace(f"{ns}-other")
    stage.apply(ns, named(ns, "old", slug=f"heritage-{ns}"))
    space_id = synced(stage, ns, "old")["status"]["spaceId"]
    heir = named(other, "heir", slug=f"heritage-{ns}")
    heir["metadata"]["annotations"] = {"mesto.dev/adopt": space_id}
    stage.apply(other, heir)
    wait_condition(stage, other, "heir", "Synced", "False", "Conflict")
    stage.delete("cws", "old", ns)
    eventually(
        lambda: "mesto.dev/release-to" in conditions(get(stage, other, "heir"))["Synced"]["message"], "it says how"
    )
    assert space_id not in str(conditions(get(stage, other, "heir")))
    back = named(ns, "old", slug=f"heritage-{ns}")
    back["metadata"]["annotations"] = {"mesto.dev/release-to": f"{other}/heir"}
    stage.apply(ns, back)
    assert synced(stage, ns, "old")["status"]["spaceId"] == space_id
    stage.delete("cws", "old", ns)
    assert synced(stage, other, "heir")["status"]["spaceId"] == space_id
    stage.delete("cws", "heir", other)


def test_a_paused_resource_is_left_alone(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "loft"))
    synced(stage, ns, "loft")
    stage.annotate("cws", "loft", ns, "mesto.dev/paused=true")
    stage.apply(ns, named(ns, "loft", address="Покровка, 1"))
    wait_condition(stage, ns, "loft", "Ready", "False", "Paused")
    assert rows(stage, slug_of(ns, "loft"))[0][1] == 1
    stage.annotate("cws", "loft", ns, "mesto.dev/paused-")
    synced(stage, ns, "loft")
    assert rows(stage, slug_of(ns, "loft"))[0][0] == "Покровка, 1"


def test_a_row_edited_by_sql_is_put_right_by_resync(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "loft"))
    synced(stage, ns, "loft")
    stage.sql("UPDATE catalog.spaces SET address = 'somewhere else' WHERE slug = %s", slug_of(ns, "loft"))
    stage.annotate("cws", "loft", ns, "mesto.dev/resync=now")
    eventually(lambda: rows(stage, slug_of(ns, "loft"))[0][0] == "Мясницкая улица, 13", "the row is put right")
    told_of(stage, ns, "DriftCorrected")


def test_a_steady_state_writes_nothing(stage: Platform, ns: str) -> None:
    stage.apply(ns, *(named(ns, f"loft-{number}") for number in range(5)))
    for number in range(5):
        wait_condition(stage, ns, f"loft-{number}", "Ready", "False", "AwaitingGeo")

    def versions() -> list[str]:
        found = stage.resources("cws", ns)
        return [resource["metadata"]["resourceVersion"] for resource in found]

    def stored() -> list[tuple[Any, ...]]:
        return stage.sql("SELECT id, xmin::text FROM catalog.spaces WHERE namespace = %s ORDER BY id", ns)

    before = versions(), stored()
    passes = reconciles(stage)
    stage.kill("operator")
    stage.start("operator")
    eventually(lambda: 5 <= reconciles(stage) <= passes + 1000, "the restarted operator has looked at all spaces")
    stage.kubectl("label", "cws", "--all", "-n", ns, "looked=yes")
    labelled = versions()
    eventually(lambda: reconciles(stage) >= 10, "the operator has looked at them once more")
    assert labelled == versions()
    assert before[1] == stored()


def reconciles(stage: Platform) -> float:
    """Reconciles of the running operator so far."""
    text = httpx.get(f"http://127.0.0.1:{stage.ports['operator']}/metrics", trust_env=False).text
    lines = [line for line in text.splitlines() if line.startswith("mesto_operator_reconciles_total")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_spaces_are_counted_by_condition(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "counted"))
    synced(stage, ns, "counted")

    def shown() -> bool:
        text = httpx.get(f"http://127.0.0.1:{stage.ports['operator']}/metrics", trust_env=False).text
        assert 'mesto_ready{check="watch"} 1.0' in text
        return 'mesto_operator_conditions{kind="CoworkingSpace",reason="' in text and 'type="Synced"' in text

    eventually(shown, "the operator to count its resources by condition")


def test_catalog_away_is_told_and_everything_catches_up(stage: Platform, ns: str) -> None:
    stage.apply(ns, named(ns, "kept"), named(ns, "leaving", deletionPolicy="Delete"))
    for name in ("kept", "leaving"):
        synced(stage, ns, name)
    stage.kill("catalog")
    try:
        stage.apply(ns, named(ns, "kept", address="Покровка, 1"), named(ns, "fresh"))
        stage.delete("cws", "leaving", ns, wait=False)
        for name in ("kept", "fresh"):
            wait_condition(stage, ns, name, "Synced", "False", "CatalogUnavailable")
        wait_condition(stage, ns, "leaving", "Ready", "False", "DeletionWaits")
    finally:
        stage.start("catalog")
    for name in ("kept", "fresh"):
        synced(stage, ns, name)
    eventually(lambda: gone(stage, ns, "leaving"), "the deleted resource is gone")
    assert rows(stage, slug_of(ns, "leaving")) == []
    assert rows(stage, slug_of(ns, "kept"))[0][0] == "Покровка, 1"
    assert len(rows(stage, slug_of(ns, "fresh"))) == 1


def test_a_killed_operator_catches_up_without_doubles(stage: Platform, ns: str) -> None:
    stage.apply(ns, *(named(ns, f"loft-{number}") for number in range(6)))
    stage.kill("operator")
    stage.apply(ns, named(ns, "loft-0", address="Покровка, 1"), named(ns, "late"))
    stage.delete("cws", "loft-5", ns, wait=False)
    stage.start("operator")
    for name in (*(f"loft-{number}" for number in range(5)), "late"):
        synced(stage, ns, name)
    eventually(lambda: gone(stage, ns, "loft-5"), "the deleted resource is gone")
    stored = stage.sql("SELECT slug FROM catalog.spaces WHERE namespace = %s AND managed AND NOT removed", ns)
    assert sorted(row[0] for row in stored) == sorted(
        slug_of(ns, name) for name in (*(f"loft-{number}" for number in range(5)), "late")
    )
    assert rows(stage, slug_of(ns, "loft-0"))[0][0] == "Покровка, 1"
