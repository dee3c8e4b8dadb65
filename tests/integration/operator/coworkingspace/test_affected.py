"""A change that would strand confirmed bookings, from kubectl to the renter: it waits, says why, can be accepted."""

from __future__ import annotations

import subprocess
import uuid
from typing import Any

import pytest
from mesto.catalog.spaces.records import resource_id
from mestolocal.paths import venv_bin
from mestolocal.services import cli_environment
from support.clients.people import Person, book, day_from_now, pay, register, verified
from support.clients.spaces import SPACE, conditions, dump, is_ready, space
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]
DAY = day_from_now(3)
DESK = SPACE["spec"]["resources"][0]
SHORTER = [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "open": "08:00", "close": "18:00"}]


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    parts = ("auth", "catalog", "booking", "geo", "operator")
    return new_platform(*parts, env={"MESTO_OPERATOR_REFUSED_SECONDS": "1"})


@pytest.fixture(scope="module")
def renter(stage: Platform) -> Person:
    person = register(stage.url("auth"))
    person.http.base_url = stage.url("booking")
    return person


@pytest.fixture(scope="module")
def owner(stage: Platform) -> Person:
    with stage.internal_client("auth", "cli") as tools:
        person = verified(stage.url("auth"), tools, "owner")
    person.http.base_url = stage.url("catalog")
    return person


@pytest.fixture
def ns(stage: Platform) -> str:
    return stage.namespace(f"aff-{uuid.uuid4().hex[:8]}")


def apply(stage: Platform, ns: str, **changes: Any) -> None:
    stage.apply(ns, space("loft", slug=f"loft-{ns}", **changes))


def get(stage: Platform, ns: str) -> Manifest:
    return stage.resource("cws", "loft", ns)


def waits(stage: Platform, ns: str, reason: str, say: str = "") -> Manifest:
    """The resource once Ready is False for this reason, about its own generation."""

    def condition_reached() -> Manifest:
        resource = get(stage, ns)
        ready = conditions(resource).get("Ready", {})
        assert (ready["status"], ready["reason"]) == ("False", reason), ready
        assert ready["observedGeneration"] == resource["metadata"]["generation"]
        assert say in ready["message"]
        return resource

    found = eventually(condition_reached, f"Ready is False because of {reason}")
    assert found is not None
    return found


def ready(stage: Platform, ns: str) -> Manifest:
    def became_ready() -> Manifest | None:
        resource = get(stage, ns)
        assert is_ready(resource), resource.get("status")
        return resource

    found = eventually(became_ready, "the space is Ready")
    assert found is not None
    return found


def accept(stage: Platform, ns: str) -> None:
    generation = get(stage, ns)["metadata"]["generation"]
    stage.annotate("cws", "loft", ns, f"mesto.dev/accept-affected={generation}")


def desk(stage: Platform, ns: str) -> str:
    space_id = uuid.UUID(get(stage, ns)["status"]["spaceId"])
    return str(resource_id(space_id, DESK["name"]))


def confirmed(stage: Platform, ns: str, renter: Person, start: str, end: str) -> str:
    made = book(renter, desk(stage, ns), f"{DAY}T{start}:00+03:00", f"{DAY}T{end}:00+03:00")
    assert made.status_code == 201, made.text
    assert pay(renter, made.json()["id"]).json()["status"] == "confirmed"
    return str(made.json()["id"])


def tried(stage: Platform, ns: str, renter: Person, start: str, end: str) -> int:
    """The status of a wish; what was got is given back."""
    made = book(renter, desk(stage, ns), f"{DAY}T{start}:00+03:00", f"{DAY}T{end}:00+03:00")
    if made.status_code == 201:
        renter.http.post(f"/api/booking/bookings/{made.json()['id']}/cancel")
    return made.status_code


def status_of(renter: Person, booking: str) -> str:
    return str(renter.http.get(f"/api/booking/bookings/{booking}").json()["status"])


def count_events(stage: Platform, ns: str, reason: str) -> int:
    """How often an Event says so."""
    events = stage.resources("events", ns)
    return sum(event.get("count", 1) or 1 for event in events if event["reason"] == reason)


def test_shorter_hours_wait_for_those_who_booked_until_they_are_accepted(
    stage: Platform, ns: str, renter: Person
) -> None:
    apply(stage, ns)
    ready(stage, ns)
    evening = confirmed(stage, ns, renter, "19:00", "21:00")
    apply(stage, ns, openingHours=SHORTER)
    resource = waits(stage, ns, "WouldAffectBookings", "1 confirmed booking,")
    assert 'mesto.dev/accept-affected: "2"' in conditions(resource)["Ready"]["message"]
    assert conditions(resource)["Synced"]["status"] == "False", "catalog has the generation before"
    assert conditions(resource)["Bookable"]["observedGeneration"] == 1
    assert tried(stage, ns, renter, "20:00", "21:00") == 201, "nothing has changed for renters"
    eventually(lambda: count_events(stage, ns, "WouldAffectBookings") == 1, "one Event")
    accept(stage, ns)
    ready(stage, ns)
    assert tried(stage, ns, renter, "20:00", "21:00") == 422
    assert status_of(renter, evening) == "confirmed", "accepted bookings are honoured"
    assert count_events(stage, ns, "WouldAffectBookings") == 1
    apply(stage, ns, openingHours=SHORTER, resources=[DESK | {"seats": 2}])
    ready(stage, ns)


def test_a_change_is_made_by_itself_once_nobody_is_affected_any_more(stage: Platform, ns: str, renter: Person) -> None:
    apply(stage, ns)
    ready(stage, ns)
    bookings = [confirmed(stage, ns, renter, "10:00", "12:00") for _ in range(2)]
    apply(stage, ns, resources=[DESK | {"seats": 1}])
    waits(stage, ns, "WouldAffectBookings", "1 confirmed booking,")
    assert renter.http.post(f"/api/booking/bookings/{bookings[0]}/cancel").status_code == 200
    ready(stage, ns)
    assert tried(stage, ns, renter, "10:00", "12:00") == 409


def test_a_deletion_waits_and_a_retained_space_honours_its_bookings(stage: Platform, ns: str, renter: Person) -> None:
    apply(stage, ns, deletionPolicy="Delete")
    ready(stage, ns)
    booking = confirmed(stage, ns, renter, "10:00", "12:00")
    accept(stage, ns)  # of what was there before the deletion
    stage.delete("cws", "loft", ns, wait=False)
    resource = waits(stage, ns, "WouldAffectBookings", "1 confirmed booking,")
    assert resource["metadata"]["finalizers"] == ["mesto.dev/space"]
    assert conditions(resource)["Synced"]["status"] == "True"
    stage.change("cws", "loft", ns, {"spec": {"deletionPolicy": "Retain"}})
    eventually(lambda: not stage.resources("cws", ns), "the resource is gone")
    assert status_of(renter, booking) == "confirmed"
    apply(stage, ns, deletionPolicy="Delete")
    ready(stage, ns)
    stage.delete("cws", "loft", ns, wait=False)
    waits(stage, ns, "WouldAffectBookings")
    accept(stage, ns)
    eventually(lambda: not stage.resources("cws", ns), "the resource is gone")
    rows = stage.sql("SELECT removed FROM catalog.spaces WHERE slug = %s", f"loft-{ns}")
    assert rows == [(True,)]
    assert status_of(renter, booking) == "confirmed"


def test_while_booking_is_away_what_could_strand_waits_and_the_rest_goes_on(
    stage: Platform, ns: str, renter: Person
) -> None:
    apply(stage, ns)
    ready(stage, ns)
    confirmed(stage, ns, renter, "19:00", "21:00")
    stage.kill("booking")
    try:
        apply(stage, ns, title={"en": "Quiet"})
        eventually(
            lambda: conditions(get(stage, ns))["Progressing"]["reason"] == "AwaitingBooking", "the rest is on its way"
        )
        assert conditions(get(stage, ns))["Ready"]["status"] == "True", "what was applied before"
        apply(stage, ns, title={"en": "Quiet"}, openingHours=SHORTER)
        resource = waits(stage, ns, "BookingUnavailable")
        assert conditions(resource)["Synced"]["reason"] == "BookingUnavailable"
        stored = stage.sql("SELECT generation, title ->> 'en' FROM catalog.spaces WHERE slug = %s", f"loft-{ns}")
        assert stored == [(2, "Quiet")]
    finally:
        stage.start("booking")
    waits(stage, ns, "WouldAffectBookings", "1 confirmed booking,")
    accept(stage, ns)
    ready(stage, ns)


def diff(stage: Platform, ns: str, **changes: Any) -> tuple[int, str]:
    """Exit code and words of `mesto diff` of the space with other fields."""
    words = {"PATH": f"{stage.cluster.binaries}:/usr/bin:/bin", "KUBECONFIG": str(stage.cluster.kubeconfig)}
    done = subprocess.run(
        [venv_bin("mesto"), "diff", "-n", ns, "-f", "-"],
        input=dump(space("loft", slug=f"loft-{ns}", **changes)),
        env=cli_environment(stage.wiring) | words,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_diff_tells_before_the_change_which_bookings_it_would_strand(stage: Platform, ns: str, renter: Person) -> None:
    code, said = diff(stage, ns)
    assert (code, f"CoworkingSpace {ns}/loft would be created" in said) == (4, True), said
    apply(stage, ns)
    ready(stage, ns)
    assert diff(stage, ns) == (0, f"CoworkingSpace {ns}/loft stays as it is\n")
    evening = confirmed(stage, ns, renter, "19:00", "21:00")
    code, said = diff(stage, ns, openingHours=SHORTER)
    assert code == 4
    assert "bookings stranded, 1:" in said
    assert evening in said
    assert 'close: "22:00" → "18:00"' in said
    code, said = diff(stage, ns, title={"en": "Quiet"})
    assert "It would strand no booking." in said
    code, said = diff(stage, ns, address="Тверская улица, 1")
    assert (code, evening in said) == (4, True), "a booking is made for an address"
    code, said = diff(stage, ns, resources=[DESK | {"seats": -1}])
    assert (code, "write a whole number from 1 to 10000" in said) == (1, True), said
    assert get(stage, ns)["metadata"]["generation"] == 1, "nothing was changed"


def test_the_cabinet_asks_the_same_question_and_is_kept_from_what_is_declared(
    stage: Platform, ns: str, renter: Person, owner: Person
) -> None:
    apply(stage, ns, owner={"email": owner.email})
    known = ready(stage, ns)
    evening = confirmed(stage, ns, renter, "19:00", "21:00")
    path = f"/api/catalog/spaces/loft-{ns}"
    refused = owner.http.patch(path, json={"opening_hours": []})
    assert (refused.status_code, refused.json()["managed_by"]) == (409, f"CoworkingSpace {ns}/loft")
    assert renter.http.get(f"{stage.url('catalog')}{path}/settings").status_code == 403

    closed = {"exceptions": [{"date": DAY, "closed": True}], "contacts": {"email": "loft@example.org"}}
    asked = owner.http.patch(path, json=closed)
    assert asked.status_code == 409, asked.text
    assert (asked.json()["type"].rpartition("/")[2], asked.json()["bookings"]) == ("would-affect-bookings", 1)
    assert tried(stage, ns, renter, "09:00", "10:00") == 201, "the day is open as long as nobody has accepted"
    revision = owner.http.get(f"{path}/settings").json()["revision"]
    accepted = owner.http.patch(path, json=closed | {"accept_affected": True, "revision": revision})
    assert accepted.status_code == 200, accepted.text
    eventually(lambda: tried(stage, ns, renter, "09:00", "10:00") == 422, "the day is closed to new bookings")
    assert status_of(renter, evening) == "confirmed"

    # The operator goes on with what is declared, beside it, and sees nothing to put right.
    apply(stage, ns, owner={"email": owner.email}, title={"en": "Quiet"})
    eventually(lambda: ready(stage, ns)["metadata"]["generation"] > known["metadata"]["generation"], "it is applied")
    settings = owner.http.get(f"{path}/settings").json()
    assert [exception["date"] for exception in settings["spec"]["exceptions"]] == [DAY]
    assert settings["spec"]["title"]["en"] == "Quiet"
    assert settings["spec"]["contacts"]["email"] == "loft@example.org"
    assert count_events(stage, ns, "DriftCorrected") == 0
