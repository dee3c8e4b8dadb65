"""`make check-quiet`: no rule fires on a platform that nobody uses, nor on one that is used as usual.

Not part of `make test`, for it takes its minutes; there promtool shows the same rules on series as they were seen here.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from mestolocal.paths import REPO
from support.clients.people import book, day_from_now, pay, register
from support.servers.platform import EVERYTHING, Platform, PlatformFactory
from support.waiting import eventually

MINUTES = float(os.environ.get("MESTO_QUIET_MINUTES", "10"))
LOOK_SECONDS, PERSON_SECONDS = 15.0, 5.0


@pytest.fixture(scope="module")
def platform(new_platform: PlatformFactory) -> Platform:
    """A whole platform with the examples, all of them listed."""
    made = new_platform(*EVERYTHING, "prometheus")
    made.kubectl("apply", "-f", str(REPO / "examples" / "spaces"))
    spaces = f"{made.gateway}/api/catalog/spaces"
    eventually(lambda: httpx.get(spaces, timeout=15, trust_env=False).json()["total"] >= 10, "the examples are listed")
    return made


def fetch_prometheus(platform: Platform, path: str, **params: str) -> Any:
    answer = httpx.get(f"{platform.prometheus}/api/v1/{path}", params=params, timeout=15, trust_env=False)
    answer.raise_for_status()
    return answer.json()["data"]


def watched(platform: Platform, use: Callable[[int], None]) -> set[str]:
    """The alerts that fired within the minutes; ``use`` is called every few seconds."""
    fired: set[str] = set()
    end, next_look = time.monotonic() + MINUTES * 60, 0.0
    for count in itertools.count():
        now = time.monotonic()
        if now >= end:
            return fired
        if now >= next_look:
            alerts = fetch_prometheus(platform, "alerts")["alerts"]
            fired |= {
                f"{alert['labels']['alertname']} {alert['labels']}" for alert in alerts if alert["state"] == "firing"
            }
            next_look = now + LOOK_SECONDS
        use(count)
        time.sleep(PERSON_SECONDS)
    raise AssertionError("unreachable")


def mean_seconds(platform: Platform, routes: str) -> float:
    rate = f'{{route=~"{routes}"}}[{MINUTES:.0f}m]'
    query = f"sum(rate(mesto_http_request_seconds_sum{rate})) / sum(rate(mesto_http_request_seconds_count{rate}))"
    found = fetch_prometheus(platform, "query", query=query)["result"]
    return float(found[0]["value"][1]) if found else 0.0


@pytest.mark.timeout(MINUTES * 60 + 300)
def test_nothing_fires_while_nobody_is_there(platform: Platform) -> None:
    assert watched(platform, lambda _: None) == set()


@pytest.mark.timeout(MINUTES * 60 + 300)
def test_nothing_fires_while_people_search_and_book(
    platform: Platform, record_property: Callable[[str, object], None]
) -> None:
    spaces = f"{platform.gateway}/api/catalog/spaces"
    renter = register(platform.gateway)
    found = renter.http.get(spaces, params={"city": "moscow"}).json()["items"]

    def use(count: int) -> None:
        chosen = renter.http.get(f"{spaces}/{found[count % len(found)]['slug']}").raise_for_status().json()
        resource = chosen["resources"][0]["id"]
        day = day_from_now(2 + count % 60)
        times = {"from": f"{day}T00:00:00+03:00", "to": f"{day}T23:59:00+03:00"}
        path = f"{platform.gateway}/api/booking/resources/{resource}/availability"
        slots = renter.http.get(path, params=times).raise_for_status().json()["slots"]
        free = [slot for slot in slots if slot["bookable"]]
        if count % 3 == 0 and len(free) > 2:
            held = book(renter, resource, free[0]["start"], free[1]["end"])
            if held.status_code == 201 and held.json()["status"] == "held":
                pay(renter, held.json()["id"])

    assert watched(platform, use) == set()
    mean = mean_seconds(platform, "/api/.+")
    record_property("mean seconds of /api/ in normal use", f"{mean:.4f}")
    everything = mean_seconds(platform, ".+")
    record_property("the same over all routes, long polls included", f"{everything:.4f}")
    print(f"mean of /api/ {mean * 1000:.1f} ms; over all routes {everything * 1000:.1f} ms")
    assert 0 < mean < everything
