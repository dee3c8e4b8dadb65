"""The operator with catalog, booking and geo: conditions say what each of them has applied."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from support.clients.spaces import conditions, dump, is_ready, space
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually


@pytest.fixture(scope="module")
def whole(new_platform: PlatformFactory) -> Platform:
    return new_platform("catalog", "booking", "geo", "operator", tasks=False)


@pytest.fixture
def here(whole: Platform) -> str:
    return whole.namespace(f"ready-{uuid.uuid4().hex[:8]}")


def get(whole: Platform, here: str, name: str) -> dict[str, Any]:
    return whole.resource("cws", name, here)


def named(here: str, name: str, **changes: Any) -> dict[str, Any]:
    return space(name, slug=f"{name}-{here}", **changes)


def ready(whole: Platform, here: str, name: str, timeout: float = 60) -> dict[str, Any]:
    def became_ready() -> dict[str, Any] | None:
        resource = get(whole, here, name)
        assert is_ready(resource), resource.get("status")
        return resource

    found = eventually(became_ready, f"{name} is Ready", timeout)
    assert found is not None
    return found


def test_a_space_becomes_ready_and_bookable_and_says_where_it_is(whole: Platform, here: str) -> None:
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "loft")))
    found = conditions(ready(whole, here, "loft"))
    well = dict.fromkeys(("Ready", "Synced", "Located", "Bookable"), "True") | {"Progressing": "False"}
    assert {kind: condition["status"] for kind, condition in found.items()} == well
    assert found["Located"]["reason"] == "NoDistrict"  # no districts are loaded here

    def event_reasons() -> list[str]:
        events = whole.resources("events", here)
        return sorted(event["reason"] for event in events if event["involvedObject"]["name"] == "loft")

    eventually(lambda: event_reasons() == ["Ready"], "one Event, that all is well")
    elsewhere = named(here, "loft", timeZone="Asia/Tokyo")
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(elsewhere))
    eventually(lambda: event_reasons() == ["OtherTimeZone", "Ready"], "a Warning that it may be a mistake")
    found = conditions(ready(whole, here, "loft"))
    assert (found["Plausible"]["status"], found["Plausible"]["reason"]) == ("False", "OtherTimeZone")
    columns = whole.kubectl("get", "cws", "loft", "-n", here).splitlines()[0].split()
    assert columns == ["NAME", "READY", "REASON", "BOOKABLE", "WHY", "CITY", "DISTRICT", "AGE"]


def test_an_unpublished_space_is_ready_but_not_bookable(whole: Platform, here: str) -> None:
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "hidden", published=False)))
    bookable = conditions(ready(whole, here, "hidden"))["Bookable"]
    assert (bookable["status"], bookable["reason"]) == ("False", "Unpublished")


def test_a_city_that_nobody_knows_is_told_and_mended(whole: Platform, here: str) -> None:
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "lost", city="atlantis")))

    def unknown() -> bool:
        located = conditions(get(whole, here, "lost")).get("Located", {})
        return (located.get("status"), located.get("reason")) == ("False", "UnknownCity")

    eventually(unknown, "Located is False UnknownCity")
    assert conditions(get(whole, here, "lost"))["Ready"]["status"] == "False"
    bookable = conditions(get(whole, here, "lost"))["Bookable"]
    assert (bookable["status"], bookable["reason"]) == ("False", "UnknownCity")
    page = f"{whole.url('catalog')}/api/catalog/spaces/lost-{here}"
    assert httpx.get(page).status_code == 404, "it is not listed before it was Ready"
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "lost")))
    ready(whole, here, "lost")
    eventually(lambda: conditions(get(whole, here, "lost"))["Bookable"]["status"] == "True", "it can be booked")
    assert httpx.get(page).status_code == 200
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "lost", city="atlantis")))
    eventually(lambda: conditions(get(whole, here, "lost"))["Synced"]["reason"] == "UnknownCity", "it is refused")
    assert httpx.get(page).json()["city"]["slug"] == "moscow", "what was Ready stays listed"


def test_an_api_server_that_was_killed_is_watched_again(whole: Platform, here: str) -> None:
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "before")))
    ready(whole, here, "before")
    whole.kill("kube-apiserver")
    whole.start("kube-apiserver")
    eventually(lambda: whole.kubectl("get", "cws", "-n", here), "the API server answers")
    whole.kubectl("apply", "-n", here, "-f", "-", stdin=dump(named(here, "after")))
    # The Lease may have been lost meanwhile: it is taken again when it was seen unchanged for its whole duration.
    ready(whole, here, "after", timeout=120)
