"""Whatever the API server takes can be booked, or says by a condition why not; `explain` agrees with booking.

MESTO_MANIFESTS=1000 tries so many.
"""

from __future__ import annotations

import copy
import itertools
import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mesto.cli import explain
from mesto.contracts.policy import BookingSection, Delivery
from support.clients.cluster_api import client
from support.clients.people import Person, book, verified
from support.clients.spaces import SPACE, conditions
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]
MANIFESTS = int(os.environ.get("MESTO_MANIFESTS", "60"))
TRIES = 40
"""Bookings that are asked for at most before a space counts as one that cannot be booked."""
HOLDS = 15
"""What one renter may surely hold."""

pytestmark = pytest.mark.timeout(max(180, MANIFESTS))

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONES = ("Europe/Moscow", "Asia/Tokyo", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
AMOUNTS = {"RUB": ("0", "250.00", "999999999.99"), "JPY": ("0", "500"), "KWD": ("1.250",), "EUR": ("12.5", "0.01")}


def _often(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Mostly what is usual: a manifest that is odd in everything says little."""
    return st.sampled_from((usual, usual, usual, *others))


@st.composite
def _hours(draw: st.DrawFn) -> list[dict[str, Any]]:
    sorts = {
        "day": [("08:00", "22:00")],
        "always": [("00:00", "24:00")],
        "night": [("22:00", "02:00")],
        "short": [("12:05", "12:50")],
        "lunch": [("09:00", "13:00"), ("14:00", "18:30")],
        "across midnight": [("20:00", "24:00"), ("00:00", "03:00")],
    }
    chosen = sorts[draw(_often("day", *sorts))]
    days = draw(st.sampled_from((DAYS, DAYS[:5], DAYS[5:], ("Sun",))))
    return [{"days": list(days), "open": opens, "close": closes} for opens, closes in chosen]


@st.composite
def _exceptions(draw: st.DrawFn) -> list[dict[str, Any]]:
    sort = draw(_often("none", "closed for weeks", "open once"))
    today = datetime.now(UTC).date()
    if sort == "closed for weeks":
        return [{"date": (today + timedelta(days=day)).isoformat(), "closed": True} for day in range(-1, 45)]
    if sort == "open once":
        return [{"date": (today + timedelta(days=5)).isoformat(), "open": "06:00", "close": "23:55"}]
    return []


@st.composite
def _resource(draw: st.DrawFn, name: str) -> dict[str, Any]:
    slot = draw(_often(30, 5, 60, 45, 420, 1440))
    resource: dict[str, Any] = {
        "name": name,
        "kind": draw(st.sampled_from(("HotDesk", "DedicatedDesk", "MeetingRoom", "Office", "EventSpace"))),
        "seats": draw(_often(1, 40)),
        "slotMinutes": slot,
    }
    optional = {
        "minDurationMinutes": _often(None, slot, 2 * slot, 43_200 // slot * slot, 144_000 // slot * slot),
        "maxDurationMinutes": _often(None, slot, 4 * slot, 525_600 // slot * slot),
        "bufferMinutes": _often(None, 15, 1440),
        "minNoticeMinutes": _often(None, 60, 10_080),
        "maxAdvanceDays": _often(None, 1, 7, 365),
        "capacity": _often(None, 12),
    }
    resource |= {field: value for field, values in optional.items() if (value := draw(values)) is not None}
    hour, day, month = ("Hour",), ("Day",), ("Month",)
    units = draw(st.sampled_from((hour, hour, hour, hour, day, day, month, month, (*hour, *day, *month), ())))
    currency = draw(_often("RUB", *AMOUNTS))
    amounts = st.sampled_from(AMOUNTS[currency])
    resource["prices"] = [{"per": unit, "amount": draw(amounts), "currency": currency} for unit in units]
    return resource


@st.composite
def _manifests(draw: st.DrawFn) -> Manifest:
    """A CoworkingSpace in which a few things are as other people would write them."""
    manifest = copy.deepcopy(SPACE)
    count = draw(st.sampled_from((1, 1, 1, 1, 1, 2, 2, 0)))
    manifest["spec"] |= {
        "timeZone": draw(_often(*ZONES)),
        "openingHours": draw(_hours()),
        "exceptions": draw(_exceptions()),
        "resources": [draw(_resource(f"one-{number}")) for number in range(count)],
        "booking": {
            "approval": draw(_often("Instant", "Owner")),
            "holdMinutes": draw(_often(15, 1, 120)),
            "cancellation": draw(_often([], [{"before": "24h", "refundPercent": 50}])),
        },
        "published": True,
    }
    # One in sixteen each.
    odd = draw(st.integers(0, 15))
    if odd == 0:
        del manifest["spec"]["published"]
    elif odd == 1:
        manifest["spec"]["published"] = False
    elif odd == 2:
        manifest["spec"]["city"] = "atlantis"
    elif odd == 3:
        del manifest["spec"]["openingHours"]
    return manifest


_ALWAYS = [{"days": list(DAYS), "open": "00:00", "close": "24:00"}]
_MONTHLY = [{"per": "Month", "amount": "20000.00", "currency": "RUB"}]
# What conditions said of these was once not so.
_KNOWN: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"slotMinutes": 1440, "minDurationMinutes": 1440, "maxDurationMinutes": 1440}, {}),
    ({"slotMinutes": 420, "minDurationMinutes": 420, "maxDurationMinutes": 840}, {}),
    ({"prices": _MONTHLY, "minDurationMinutes": 43_200, "maxDurationMinutes": 86_400}, {}),
    ({"prices": _MONTHLY, "minDurationMinutes": 43_200, "maxDurationMinutes": 86_400}, {"openingHours": _ALWAYS}),
    # More than one person may hold unpaid.
    ({"prices": _MONTHLY, "minDurationMinutes": 144_000, "maxDurationMinutes": 144_000}, {"openingHours": _ALWAYS}),
    ({"minNoticeMinutes": 1440, "maxAdvanceDays": 1}, {}),
    ({}, {"openingHours": []}),
    ({"prices": []}, {}),
)


def _known() -> Iterator[Manifest]:
    for resource, spec in _KNOWN:
        manifest = copy.deepcopy(SPACE)
        for field in ("minDurationMinutes", "maxDurationMinutes"):
            del manifest["spec"]["resources"][0][field]
        manifest["spec"]["resources"][0] |= resource
        manifest["spec"] |= spec
        yield manifest


def _generated() -> list[Manifest]:
    """The same manifests in each run."""
    found: list[Manifest] = list(_known())

    @settings(
        max_examples=MANIFESTS,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_manifests())
    def collect(manifest: Manifest) -> None:
        found.append(manifest)

    collect()
    return found


@pytest.fixture(scope="module")
def whole(new_platform: PlatformFactory) -> Platform:
    platform = new_platform("auth", "catalog", "booking", "geo", "operator", tasks=False)
    # What holds where nothing is declared: an installation on one machine limits nobody.
    delivery = Delivery[BookingSection](uid=uuid.uuid4(), generation=1, policy=BookingSection())
    with platform.internal_client("booking", "operator") as operator:
        answer = operator.put("/internal/configuration", json=delivery.model_dump(mode="json"))
        assert answer.status_code == 200, answer.text
    return platform


def _settled(space: Manifest) -> bool:
    """Whether all that the conditions say is of this generation and nothing is under way."""
    told, newest = conditions(space), space["metadata"]["generation"]
    ready, bookable = told.get("Ready", {}), told.get("Bookable", {})
    if ready.get("observedGeneration") != newest or ready["status"] == "Unknown":
        return False
    if told.get("Progressing", {}).get("status") == "True":
        return False
    return ready["status"] == "False" or bookable.get("status") in ("True", "False")


def _times(slots: list[dict[str, Any]], resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Times that a renter might try who sees these slots: the first and the last free ones, as short as may be."""
    least = timedelta(minutes=resource.get("minDurationMinutes", 0))
    free = [number for number, slot in enumerate(slots) if slot["bookable"]]
    for number in dict.fromkeys((*free[:3], *free[-2:])):
        start = datetime.fromisoformat(slots[number]["start"])
        ends = (slot["end"] for slot in slots[number:] if datetime.fromisoformat(slot["end"]) - start >= least)
        for end in itertools.islice(ends, 2):
            yield slots[number]["start"], end
        # What is longer than the slots that one answer shows.
        end_of_month = start + max(least, timedelta(days=30))
        yield slots[number]["start"], end_of_month.isoformat()


def _wanted(platform: Platform, resource_id: str, resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    now = datetime.now(UTC)
    ahead = timedelta(days=resource.get("maxAdvanceDays", 90) + 1)
    since = now
    while since < now + ahead:
        until = since + timedelta(days=31)
        answer = httpx.get(
            f"{platform.url('booking')}/api/booking/resources/{resource_id}/availability",
            params={"from": since.isoformat(), "to": until.isoformat()},
            timeout=30,
            trust_env=False,
        )
        if answer.status_code == 404:
            return
        assert answer.status_code == 200, answer.text
        yield from _times(answer.json()["slots"], resource)
        since = until


def _renter(platform: Platform) -> Person:
    """Somebody with a verified address: others may hold little."""
    with platform.internal_client("auth", "cli") as tools:
        renter = verified(platform.url("auth"), tools, "renter")
    renter.http.base_url = platform.url("booking")
    return renter


def _booked(platform: Platform, renter: Person, space: Manifest) -> tuple[bool, list[str]]:
    """Whether a renter gets anything of a space, and what they were told until then."""
    rows = platform.sql(
        "SELECT r.name, r.id::text FROM booking.resources r JOIN catalog.spaces s ON s.id = r.space_id"
        " WHERE s.namespace = %s AND s.name = %s",
        space["metadata"]["namespace"],
        space["metadata"]["name"],
    )
    declared = {resource["name"]: resource for resource in space["spec"].get("resources", [])}
    told: list[str] = []
    for name, resource_id in rows:
        for start, end in itertools.islice(_wanted(platform, resource_id, declared[name]), TRIES):
            answer = book(renter, resource_id, start, end)
            if answer.status_code == 201:
                return True, told
            assert answer.status_code in (404, 409, 422, 429), answer.text
            told.append(f"{name} {start} to {end}: {answer.json()['detail']} {answer.json()['errors']}")
    return False, told


def _offer(platform: Platform, manifests: list[Manifest]) -> int:
    """Applies what the API server takes; how much it refused."""
    refused = 0
    for manifest in manifests:
        path = f"/apis/mesto.dev/v1alpha1/namespaces/{manifest['metadata']['namespace']}/coworkingspaces"
        answer = client(platform.cluster).post(path, params={"fieldValidation": "Strict"}, json=manifest)
        assert answer.status_code in (201, 422), answer.text
        refused += answer.status_code == 422
    return refused


def test_what_the_api_server_takes_can_be_booked_or_says_why_not(
    whole: Platform, record_property: Callable[[str, object], None]
) -> None:
    namespace = whole.namespace(f"declared-{uuid.uuid4().hex[:8]}")
    manifests = _generated()
    for number, manifest in enumerate(manifests):
        # Every twentieth wants the address that the one before has.
        name = f"s{number - (number % 20 == 19):04}"
        manifest["metadata"] = {"name": f"s{number:04}", "namespace": namespace}
        manifest["spec"]["slug"] = f"{namespace}-{name}"
    refused = _offer(whole, manifests)
    path = f"/apis/mesto.dev/v1alpha1/namespaces/{namespace}/coworkingspaces"

    def settled() -> list[Manifest]:
        found: list[Manifest] = client(whole.cluster).get(path).json()["items"]
        waiting = [resource["metadata"]["name"] for resource in found if not _settled(resource)]
        assert not waiting, waiting
        return found

    spaces = eventually(settled, "everything is said of all spaces", 120)
    assert len(spaces) == len(manifests) - refused
    reasons: Counter[str] = Counter()
    wrong = []
    for number, space in enumerate(spaces):
        if number % HOLDS == 0:
            renter = _renter(whole)
        # What catalog refuses (another space has its address) was never offered to booking.
        said = conditions(space).get("Bookable") or conditions(space)["Ready"]
        promised = explain.bookable(space)
        got, told = _booked(whole, renter, space)
        sentences = "\n  ".join(explain.sentences(space))
        reasons[said["reason"] if not promised else "can be booked"] += 1
        if got != promised or got != (said["status"] == "True") or got != ("A renter can book it now" in sentences):
            name, spec = space["metadata"]["name"], space["spec"]
            wrong.append(f"{name}: booked {got}, promised {said}\n  {sentences}\n  {told[:6]}\n  {spec}")
        if not promised and not (said["reason"] and said["message"].endswith(".")):
            wrong.append(f"{space['metadata']['name']} does not say why: {said}")
    assert wrong == [], "\n".join(wrong)
    record_property("what became of the manifests", dict(reasons) | {"refused by the API server": refused})
    assert reasons["can be booked"] > len(spaces) / 4, reasons
    assert len(reasons) > 4, reasons
