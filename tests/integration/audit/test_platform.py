"""`mesto audit` and `mesto rebuild` on a real platform under load: no false alarm, every planted fault, a cure."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest
from support.clients.audit import SERVICES, World
from support.servers.platform import PlatformFactory
from support.waiting import eventually

Difference = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def world(new_platform: PlatformFactory) -> Iterator[World]:
    """Ten spaces, four renters. No audit runs by itself."""
    platform = new_platform("auth", *SERVICES, env={"MESTO_AUDIT_TIME": ""})
    made = World(platform)
    made.spaces = [made.declare(f"space-{number}") for number in range(10)]
    made.renters = [made.register() for _ in range(4)]
    made.wait_settled(*made.spaces)
    count = "SELECT count(*) FROM {}"
    for table in ("booking.users", "catalog.accounts", "notifications.users"):
        eventually(lambda known=table: platform.sql(count.format(known)) == [(4,)], f"{table} to have the renters")
    yield made
    made.operator.close()
    for renter in made.renters:
        renter.http.close()


def test_a_healthy_platform_under_load_gives_no_alarm(
    world: World, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with world.load() as done:
        eventually(lambda: done["booked"] > 20 and done["changed"] > 10, "some load")
        code, found, jobs = world.audit()
    assert (code, found) == (0, set())
    checked = sum(check["checked"] for job in jobs for check in job["checks"])
    record_property("audit under load", f"{checked} checked, {done['booked']} booked, {done['changed']} changes")
    names = {job["service"]: [check["name"] for check in job["checks"]] for job in jobs}
    assert names == {
        "catalog": [
            *("cities", "located", "answers_geo", "answers_booking", "accounts", "owners"),
            *("bookable", "prices", "resources", "outbox"),
        ],
        "booking": ["users", "spaces", "seats", "payments", "overdue", "outbox"],
        "geo": ["positions", "places", "outbox"],
        "notifications": ["users", "mails"],
    }
    assert not [
        check
        for job in jobs
        for check in job["checks"]
        if check["name"] in ("spaces", "users", "accounts", "owners", "prices") and not check["checked"]
    ]


@dataclass
class Planted:
    """What was spoilt, what an audit said of it, and what was there before."""

    expected: set[Difference]
    before: dict[str, Any]
    code: int = 0
    found: set[Difference] = field(default_factory=set)
    jobs: list[dict[str, Any]] = field(default_factory=list)


# Catalog last: it keeps what the others say, so they come first.
IN_ORDER = ("geo", "booking", "notifications", "catalog")
UNMENDABLE = ("payments", "overdue", "prices")


def _plant_in_booking(world: World) -> set[Difference]:
    s, renter = world.spaces, world.renters[0]
    world.book_and_pay(renter, s[2], 10)
    oversold = world.book_and_pay(renter, s[3], 10)
    unreturned, unpaid, stuck = (world.book_and_pay(renter, s[number], 10) for number in (4, 5, 6))
    for booking_id in (unreturned, stuck):
        assert world.cancel(renter, booking_id).json()["status"] == "cancelled"
    stranger = uuid.uuid4()
    r = world.renters
    world.execute_unguarded(
        f"UPDATE booking.slots SET used = used - 1 WHERE resource_id = '{s[2].resource}'"
        f" AND start = (SELECT min(start) FROM booking.slots WHERE resource_id = '{s[2].resource}')",
        "ALTER TABLE booking.slots DROP CONSTRAINT ck_slots_capacity",
        f"UPDATE booking.slots SET used = 4 WHERE resource_id = '{s[3].resource}'",
        f"UPDATE booking.bookings SET seats = 4 WHERE id = '{oversold}'",
        f"UPDATE booking.payments SET status = 'succeeded', refunded = 0 WHERE booking_id = '{unreturned}'",
        f"DELETE FROM booking.payments WHERE booking_id = '{unpaid}'",
        f"UPDATE booking.bookings SET due_at = now() - interval '1 hour' WHERE id = '{stuck}'",
        f"UPDATE booking.users SET email = 'mallory@example.org' WHERE id = '{r[0].id}'",
        f"DELETE FROM booking.users WHERE id = '{r[1].id}'",
        f"INSERT INTO booking.users SELECT '{stranger}', revision, removed, email, email_verified, name, locale, roles"
        f" FROM booking.users WHERE id = '{r[0].id}'",
        f"UPDATE booking.spaces SET hold_minutes = 1 WHERE id = '{s[9].id}'",
        f"UPDATE booking.spaces SET revision = 99 WHERE id = '{s[0].id}'",
    )
    return {
        ("booking", "seats", "miscounted", world.unit(s[2], 10)),
        ("booking", "seats", "oversold", world.unit(s[3], 10)),
        ("booking", "seats", "oversold", world.unit(s[3], 10, minute=30)),
        ("booking", "payments", "unsettled", unreturned),
        ("booking", "payments", "unsettled", unpaid),
        ("booking", "overdue", "overdue", stuck),
        ("booking", "users", "wrong", r[0].id),
        ("booking", "users", "missing", r[1].id),
        ("booking", "users", "unknown", str(stranger)),
        ("booking", "spaces", "wrong", s[9].id),
        ("booking", "spaces", "ahead", s[0].id),
        # Catalog has not heard of such a revision.
        ("catalog", "answers_booking", "behind", s[0].id),
    }


def _plant_elsewhere(world: World) -> set[Difference]:
    s, r = world.spaces, world.renters
    world.execute_unguarded(
        "UPDATE catalog.cities SET currency = 'XXX' WHERE slug = 'new-york'",
        f"UPDATE catalog.spaces SET located_revision = located_revision + 50 WHERE id = '{s[0].id}'",
        f"UPDATE catalog.spaces SET applied = applied - 'geo' WHERE id = '{s[1].id}'",
        f"UPDATE catalog.spaces SET bookable_reason = 'NoPrices' WHERE id = '{s[5].id}'",
        f"UPDATE catalog.accounts SET address = 'mallory@example.org' WHERE user_id = '{r[0].id}'",
        f"DELETE FROM catalog.accounts WHERE user_id = '{r[1].id}'",
        f"UPDATE catalog.prices SET kind = 'office' WHERE space_id = '{s[6].id}'",
        f"UPDATE geo.positions SET position = 'SRID=4326;POINT(37.9 55.9)' WHERE space_id = '{s[2].id}'",
        f"DELETE FROM geo.positions WHERE space_id = '{s[3].id}'",
        f"UPDATE geo.positions SET reason = 'Located' WHERE space_id = '{s[4].id}'",
        f"UPDATE notifications.users SET revision = 0 WHERE user_id = '{r[2].id}'",
        f"UPDATE notifications.users SET revision = 50 WHERE user_id = '{r[3].id}'",
    )
    return {
        ("catalog", "cities", "wrong", "new-york"),
        ("catalog", "located", "ahead", s[0].id),
        ("catalog", "answers_geo", "behind", s[1].id),
        ("catalog", "bookable", "wrong", s[5].id),
        ("catalog", "accounts", "wrong", r[0].id),
        ("catalog", "accounts", "missing", r[1].id),
        ("catalog", "prices", "wrong", s[6].resource),
        ("geo", "positions", "wrong", s[2].id),
        ("geo", "positions", "missing", s[3].id),
        ("geo", "places", "wrong", s[4].id),
        # What geo has lost or says wrongly, catalog has differently.
        ("catalog", "located", "unknown", s[3].id),
        ("catalog", "answers_geo", "unknown", s[3].id),
        ("catalog", "answers_geo", "wrong", s[4].id),
        ("notifications", "users", "behind", r[2].id),
        ("notifications", "users", "ahead", r[3].id),
    }


@pytest.fixture(scope="module")
def planted(world: World) -> Planted:
    """One audit over everything that was spoilt."""
    before = world.projections()
    made = Planted(_plant_in_booking(world) | _plant_elsewhere(world), before)
    made.code, made.found, made.jobs = world.audit("--settle", "4")
    guard = "CHECK (used >= 0 AND used <= seats) NOT VALID"
    world.execute_unguarded(f"ALTER TABLE booking.slots ADD CONSTRAINT ck_slots_capacity {guard}")
    return made


def test_every_planted_fault_is_found_by_its_id_and_nothing_else(planted: Planted) -> None:
    assert planted.found == planted.expected
    assert planted.code == 4


def test_a_difference_is_a_metric_that_outlives_a_restart_and_a_log_line(world: World, planted: Planted) -> None:
    counts = {(job["service"], check["name"]): check["found"] for job in planted.jobs for check in job["checks"]}
    differing = {counted for counted in counts.items() if counted[1]}

    def shown() -> bool:
        for (service, check), count in differing:
            text = httpx.get(f"{world.platform.internal_url(service)}/metrics", timeout=15, trust_env=False).text
            assert f'mesto_audit_differences{{check="{check}",service="{service}"}} {count}.0' in text
            assert f'mesto_audit_last_run_timestamp_seconds{{service="{service}"}} 1' in text
        return True

    eventually(shown, "the gauges to show what was found")
    world.platform.kill("notifications")
    world.platform.start("notifications")
    eventually(shown, "the gauges of notifications after a restart")
    for service in SERVICES:
        lines = (world.platform.logs / f"{service}-worker.log").read_text("utf-8", "replace").splitlines()
        told = [json.loads(line) for line in lines if '"audit_difference"' in line and line.startswith("{")]
        named = {(line["service"], line["check"], key) for line in told for key in line["ids"]}
        assert named == {(name, check, key) for name, check, _, key in planted.expected if name == service}


def test_a_table_for_people_names_the_ids(world: World, planted: Planted) -> None:
    done = world.mesto("audit", "notifications", "--settle", "1")
    assert done.returncode == 4
    for _, _, what, key in (expected for expected in planted.expected if expected[0] == "notifications"):
        assert what in done.stdout
        assert key in done.stdout
    assert "2 differences" in done.stderr


def test_rebuilds_put_right_what_was_spoilt_while_load_goes_on(world: World, planted: Planted) -> None:
    with world.load():
        mended = {service: world.rebuild(service) for service in IN_ORDER}
        code, found, _ = world.audit()
    left = {expected for expected in planted.expected if expected[1] in UNMENDABLE}
    assert (code, found) == (4, left)
    assert world.projections() == planted.before
    for service, check, _, _ in planted.expected:
        assert check in UNMENDABLE or service == "catalog" or mended[service][check] > 0, (service, check)


WIPES = {
    "catalog": (
        "DELETE FROM catalog.cities",
        "TRUNCATE catalog.accounts",
        "UPDATE catalog.spaces SET applied = '{}', located = NULL, located_revision = 0, district = NULL",
    ),
    "booking": ("TRUNCATE booking.users", "DELETE FROM booking.resources", "DELETE FROM booking.spaces"),
    "geo": ("TRUNCATE geo.positions",),
    "notifications": ("TRUNCATE notifications.users",),
}


@pytest.mark.parametrize("service", IN_ORDER)
def test_an_emptied_projection_comes_back_while_load_goes_on(world: World, planted: Planted, service: str) -> None:
    before = world.projections()
    with world.load() as done:
        world.execute_unguarded(*WIPES[service])
        world.rebuild(service)
        booked = done["booked"]
        eventually(lambda: done["booked"] > booked, "bookings after the rebuild")

    def same() -> bool:
        now = world.projections()
        assert now == before
        return True

    eventually(same, "all that was there to be there again, with the last event")


def test_a_rebuild_whose_worker_is_killed_half_way_is_done_again_by_the_next(world: World, planted: Planted) -> None:
    platform, before = world.platform, world.projections()
    world.execute_unguarded("UPDATE notifications.users SET revision = 0, name = 'Mallory'")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    half = "SELECT name = 'Mallory', count(*) FROM notifications.users GROUP BY 1"
    with platform.internal_client("notifications", "cli") as cli:
        with psycopg.connect(platform.postgres.url(platform.database)) as held:
            held.execute("SELECT 1 FROM notifications.users ORDER BY user_id DESC LIMIT 1 FOR UPDATE")
            job = cli.post("/internal/jobs", json={"kind": "rebuild"}).json()["id"]
            eventually(lambda: platform.sql(waiting) != [(0,)], "the rebuild to come to the row that is held")
            platform.kill("notifications-worker")
            assert set(dict(platform.sql(half))) == {True, False}
            platform.start("notifications-worker")
            held.rollback()
        eventually(
            lambda: cli.get(f"/internal/jobs/{job}").json()["status"] == "done", "the rebuild by the next worker"
        )
        assert cli.get(f"/internal/jobs/{job}").json()["attempts"] == 2
    assert world.projections() == before


def test_after_all_that_nothing_is_left_to_mend(world: World, planted: Planted) -> None:
    code, found, _ = world.audit()
    assert (code, found) == (4, {expected for expected in planted.expected if expected[1] in UNMENDABLE})
    assert set(world.rebuild("booking").values()) == {0}


def test_one_job_of_a_kind_at_a_time_and_only_for_the_command(world: World) -> None:
    with world.platform.internal_client("geo", "cli") as cli:
        first, second = (cli.post("/internal/jobs", json={"kind": "rebuild"}) for _ in range(2))
        assert (first.status_code, second.status_code) == (202, 409)
        assert second.json()["type"].endswith("/job-exists")
        assert second.json()["job_id"] == first.json()["id"]
        job = f"/internal/jobs/{first.json()['id']}"
        eventually(lambda: cli.get(job).json()["status"] == "done", "the rebuild")
        assert cli.post("/internal/jobs", json={"kind": "rebuild", "force": True}).status_code == 422
        assert cli.get(f"/internal/jobs/{uuid.uuid4()}").status_code == 404
    with world.platform.internal_client("geo", "catalog") as stranger:
        assert stranger.post("/internal/jobs", json={"kind": "audit"}).status_code == 403
        assert stranger.get(job).status_code == 403


def test_an_audit_joins_the_one_that_runs_and_asks_the_others(world: World) -> None:
    world.platform.stop("geo-worker")
    with world.platform.internal_client("geo", "cli") as cli:
        job = cli.post("/internal/jobs", json={"kind": "audit"}).json()["id"]
    command = [*world.platform.mesto_command, "audit", "geo", "notifications", "-o", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "There is an audit of geo already" in running.stderr.readline()
        world.platform.start("geo-worker")
        said, _ = running.communicate(timeout=120)
    assert [(job["service"], job["status"]) for job in json.loads(said)] == [("geo", "done"), ("notifications", "done")]
    assert json.loads(said)[0]["id"] == job


@pytest.mark.parametrize(
    ("owner", "facts", "consumers"),
    [
        ("auth", "users", {"booking", "notifications", "catalog"}),  # catalog asks who has verified an address
        ("catalog", "spaces", {"booking", "geo"}),
        ("geo", "cities", {"catalog"}),
        ("geo", "located", {"catalog"}),
        ("geo", "applied", {"catalog"}),
        ("booking", "applied", {"catalog"}),
    ],
)
def test_a_snapshot_is_for_its_consumers_only(world: World, owner: str, facts: str, consumers: set[str]) -> None:
    for caller in ("auth", *SERVICES, "operator", "cli"):
        with world.platform.internal_client(owner, caller) as client:
            answer = client.get(f"/internal/snapshot/{facts}", params={"limit": 1})
            assert answer.status_code == (200 if caller in consumers else 403), (caller, answer.text)
