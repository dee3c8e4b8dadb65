"""Schemathesis over the APIs of a running platform: what is there to be found, who asks, and what came of it."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mestolocal.paths import REPO
from support import forked
from support.clients.people import PASSWORD, Person, book, day_from_now, pay, register, sign_in, verified
from support.servers.catalog import DESK, upsert_of
from support.servers.platform import Platform
from support.waiting import eventually

SERVICES = ("auth", "catalog", "booking", "geo", "notifications")
SEED = 20
SPARE = tuple(f"spare-{number}" for number in range(6))
# Accepted by the schema and yet refused, each for a rule that JSON Schema cannot say.
RULES_BEYOND_THE_SCHEMA = {
    "register": "a password must not be easy, a name has no links, an e-mail's domain can exist, a phone too",
    "grant_role": "an e-mail's domain must be able to exist",
    "ensure_account": "an e-mail's domain must be able to exist",
    "list_spaces": "price_max is not below price_min, a radius needs a point, cursors are ours",
    "get_availability": "the end is after the start, 31 days at most",
    "quote": "times on the grid, within the hours, the end after the start",
    "create_booking": "times on the grid, within the hours, the end after the start",
    "edit_me": "a name has no links, a phone can exist",
    "give_consent": "a text that is there, in a version that was shown",
    "change_password": "the current password, and a new one that is not easy",
    "change_email": "an e-mail's domain can exist, and is not one's own already",
    "confirm_recovery": "a password must not be easy",
    "step_up": "the password is the holder's",
    "list_bookings": "cursors are ours",
    "list_owned_spaces": "cursors are ours",
    "list_competitor_offers": "cursors are ours",
    "space_changes": "cursors are ours",
    "stored_spaces": "cursors are ours",
    "managed_spaces": "cursors are ours",
    "space_snapshot": "cursors are ours",
    "located_snapshot": "cursors are ours",
    "answer_snapshot": "cursors are ours",
    "user_snapshot": "cursors are ours",
    "city_snapshot": "cursors are ours",
    "put_offers": "amounts with the decimals of their currency",
    "put_space": "hours that do not overlap, a known time zone, names that differ",
    "put_spaces": "uids and names that differ; the generator rounds the highest generation up",
    "change_space": "the same hours and names as of a declared space",
    "ask_affected": "the same hours and names as of a declared space",
    "put_proposal": "the generator rounds the highest revision up",
    "put_dataset": "a known city, outlines that enclose an area",
    "put_text": "a text in one language at least",
    "put_configuration": "what cannot be done yet, a generation that is older than the committed one",
}
# Put in a batch, each may be refused: that the batch was taken does not say that it is there.
PUT_IN_BATCHES = ("get_declared_space",)
# Not asked at random, but by tests/integration/operator/platformconfig/test_configs.py: geo without its cities answers
# nothing.
LEFT_OUT = {"geo": "put_configuration"}
BY_CHANCE_NEVER = (
    "POST /api/auth/verify",
    "POST /api/auth/recover/confirm",
    "POST /api/auth/me/email/confirm",
    "POST /api/auth/me/email/undo",
    # There are no texts here.
    "GET /api/auth/texts/{name}",
    "POST /api/auth/me/consents",
)
"""What succeeds by a secret that only a mail has, and what needs texts; tests/integration/auth tries them."""
NOT_OF_RENTERS = {
    "approve_booking": "owner",
    "decline_booking": "owner",
    "change_space": "owner",
    "get_space_settings": "owner",
    "list_owned_spaces": "owner",
    "take_role": "owner",
    "me": "moderator",
    # Ending a session ends one's own, too, once its id was listed.
    "list_sessions": "leaver",
    "end_session": "leaver",
    "end_other_sessions": "leaver",
}
ID_OF = {"put_offers": "run_id", "end_run": "run_id", "get_target": "target_uid", "delete_target": "target_uid"}
USUAL_REFUSALS = ["2xx", 304, 401, 403, 404, 409, 429]


@dataclass
class Seeds:
    """What is there: people with tokens, and ids by the parameter that takes them."""

    renter: Person
    owner: Person
    moderator: Person
    leaver: Person
    accounts: list[str]
    day: str
    values: dict[str, list[Any]] = field(default_factory=dict)
    of_operation: dict[str, list[str]] = field(default_factory=dict)  # ids of bookings, runs or targets
    jobs: dict[str, str] = field(default_factory=dict)


def seed(platform: Platform) -> Seeds:
    """Spaces, bookings in several states and people, made through the APIs."""
    auth, day = platform.url("auth"), day_from_now(3)
    renter, moderator, leaver = register(auth), register(auth), register(auth)
    with platform.internal_client("auth", "cli") as tools:
        owner = verified(auth, tools, "owner")
        grant = {"email": moderator.email, "role": "moderator"}
        assert tools.post("/internal/accounts/grant", json=grant).status_code == 200
    sign_in(moderator)
    accounts = [register(auth).email for _ in range(6)]
    seeds = Seeds(renter, owner, moderator, leaver, accounts, day)
    _spaces(platform, seeds)
    _bookings(platform, seeds)
    _places(platform)
    _runs(platform, seeds)
    _jobs(platform, seeds)
    return seeds


def _spaces(platform: Platform, seeds: Seeds) -> None:
    uids: list[str] = []
    slugs: list[str] = []
    with platform.internal_client("catalog", "operator") as operator:
        for approval in ("instant", "owner", *SPARE):
            uid, name = str(uuid.uuid4()), f"loft-{approval}"
            body = upsert_of(name)
            week = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "00:00", "close": "24:00"}
            body["spec"] |= {
                "opening_hours": [week],
                "owner_email": seeds.owner.email,
                "booking": {"approval": "instant" if approval in SPARE else approval, "hold_minutes": 120},
                "resources": [DESK | {"seats": 900}],
            }
            answer = operator.put(f"/internal/spaces/{uid}", json=body)
            assert answer.status_code == 200, answer.text
            uids.append(uid)
            slugs.append(name)

        def bookable() -> bool:
            states = [operator.get(f"/internal/spaces/{uid}").json() for uid in uids]
            return all(state["bookable"]["status"] for state in states)

        eventually(bookable, "the spaces to be bookable")
    found = [httpx.get(f"{platform.url('catalog')}/api/catalog/spaces/{slug}", timeout=60).json() for slug in slugs]
    resources = [space["resources"][0]["id"] for space in found[:2]]
    # Operations by uid delete: they get the spare ones, so that bookings find their resources whatever ran before.
    seeds.values |= {"uid": uids[2:], "id_or_slug": slugs, "resource_id": resources}


def _bookings(platform: Platform, seeds: Seeds) -> None:
    renter = seeds.renter
    renter.http.base_url = platform.url("booking")
    instant, by_owner = seeds.values["resource_id"]
    start, end = f"{seeds.day}T10:00:00+03:00", f"{seeds.day}T12:00:00+03:00"
    waiting = []
    for _ in range(18):
        # Paid at once: what a renter may hold unpaid is bounded.
        waiting.append(book(renter, by_owner, start, end).json()["id"])
        assert pay(renter, waiting[-1]).status_code == 200
    held = [book(renter, instant, start, end).json()["id"] for _ in range(8)]
    begun = [
        renter.http.post(f"/api/booking/bookings/{booking_id}/payments", json={"provider": "sandbox"})
        for booking_id in held[:5]
    ]
    # What changes a booking has bookings of its own: no operation takes the last one away from another.
    seeds.of_operation |= {
        "start_payment": held[5:],
        "approve_booking": waiting[:6],
        "decline_booking": waiting[6:12],
        "cancel_booking": waiting[12:],
    }
    seeds.values |= {
        "booking_id": held + waiting,
        "payment_id": [answer.json()["payment_id"] for answer in begun],
        "start": [start],
        "end": [end],
        "from": [start],
        "to": [end],
    }


def _places(platform: Platform) -> None:
    stops = [{"name": "Lubyanka", "line": "1", "color": "#ff0000", "lat": 55.7597, "lon": 37.6272}]
    with platform.internal_client("geo", "cli") as loader:
        body = {"type": "stops", "city": "moscow", "features": stops}
        assert loader.put("/internal/datasets/stops", json=body).status_code == 200


def _runs(platform: Platform, seeds: Seeds) -> None:
    """Runs that take offers, runs to be ended and targets to be deleted: none of them takes another's away."""
    begun = {"namespace": "moscow", "name": "rival", "started_at": f"{seeds.day}T10:00:00+03:00"}
    targets = [str(uuid.uuid4()) for _ in range(12)]
    with platform.internal_client("catalog", "spiders") as spiders:
        for number, target in enumerate(targets):
            answer = spiders.put(f"/internal/scrape-runs/run-{number}", json=begun | {"target": target})
            assert answer.status_code == 200, answer.text
    seeds.of_operation |= {
        "put_offers": [f"run-{number}" for number in range(4)],
        "end_run": [f"run-{number}" for number in range(4, 8)],
        "get_target": targets[:4],
        "delete_target": targets[8:],
    }


def _jobs(platform: Platform, seeds: Seeds) -> None:
    """A job of each service that has them, asked for as soon as the one that beat asks for at first has ended."""
    for service in SERVICES:
        with platform.internal_client(service, "cli") as tools:

            def job_requested(service: str = service, tools: httpx.Client = tools) -> bool:
                answer = tools.post("/internal/jobs", json={"kind": "audit"})
                assert answer.status_code in (202, 404, 409), answer.text
                if answer.status_code == 202:
                    seeds.jobs[service] = answer.json()["id"]
                return answer.status_code != 409

            eventually(job_requested, f"{service} to take a job")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, what it printed, and statuses by operation."""

    code: int
    said: str
    tally: dict[str, dict[str, int]]
    seconds: float

    def without_success(self) -> list[str]:
        """Operations that never answered 2xx, but those that nobody does by chance."""
        seen = {label: set(statuses) for label, statuses in self.tally.items() if label not in BY_CHANCE_NEVER}
        return [label for label, statuses in seen.items() if not any(status[0] == "2" for status in statuses)]


def run(
    platform: Platform,
    seeds: Seeds,
    service: str,
    side: str,
    who: str,
    examples: int,
    folder: Path,
    left_out: Sequence[str] = (),
) -> Outcome:
    """One run of schemathesis; ``who`` is ``nobody``, or those who may ask (``people``, ``callers``).

    ``left_out`` are phases of schemathesis that it does without.
    """
    folder.mkdir(parents=True)
    base = platform.internal_url(service) if side == "internal" else platform.url(service)
    document = httpx.get(f"{base}{'/internal' if side == 'internal' else f'/api/{service}'}/openapi.json").json()
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "schemathesis.toml").write_text(_config(seeds, service, document, examples, left_out))
    tokens = {name: _fresh(platform, getattr(seeds, name)) for name in ("renter", "owner", "moderator", "leaver")}
    tokens |= {operation: tokens[person] for operation, person in NOT_OF_RENTERS.items()}
    tally = folder / "tally.json"
    known = {
        "service": service,
        "signed_in": who != "nobody",
        "tokens": tokens,
        "internal_keys": str(platform.secrets.all_internal_keys()),
        "auth": platform.url("auth"),
        "account": {"email": seeds.accounts[-1], "password": PASSWORD},
        "day": seeds.day,
        "tally": str(tally),
    }
    (folder / "run.json").write_text(json.dumps(known))
    environment = {
        **os.environ,
        "MESTO_API_RUN": str(folder / "run.json"),
        "SCHEMATHESIS_HOOKS": "support.clients.api_hooks",
        "PYTHONPATH": str(REPO / "tests"),
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    options = ["--url", base, "--no-color", "--seed", str(SEED), "--continue-on-failure", str(folder / "openapi.json")]
    begun = time.monotonic()
    log = folder / "said.log"
    code = forked.start([*command, *options], environment=environment, cwd=folder, log=log).wait()
    counted = json.loads(tally.read_text()) if tally.exists() else {}
    if (side, who) == ("internal", "callers"):
        _restore(platform, service)
    return Outcome(code, log.read_text(), counted, time.monotonic() - begun)


def _restore(platform: Platform, service: str) -> None:
    """The policy that is built in, after a run that has put others: the next run's tokens are to last."""
    body = {"uid": str(uuid.uuid4()), "generation": 1, "policy": {}}
    if service not in LEFT_OUT:
        with platform.internal_client(service, "operator") as operator:
            assert operator.put("/internal/configuration", json=body).status_code == 200


def _fresh(platform: Platform, person: Person) -> str:
    login = {"email": person.email, "password": PASSWORD}
    answer = httpx.post(f"{platform.url('auth')}/api/auth/login", json=login, timeout=60)
    return str(answer.json()["access_token"])


def _config(seeds: Seeds, service: str, document: dict[str, Any], examples: int, left_out: Sequence[str]) -> str:
    """schemathesis.toml: all checks, ids that exist beside those that do not, no shrinking of what is clear anyway."""
    lines = [
        "warnings = false",
        "request-timeout = 30",
        "[generation]",
        f"max-examples = {examples}",
        "deterministic = true",
        'database = "none"',
        "[checks]",
        f"positive_data_acceptance = {{ expected-statuses = {json.dumps(USUAL_REFUSALS)} }}",
        "[phases.stateful]",
        f"generation.max-examples = {max(examples // 5, 2)}",
        *(line for phase in left_out for line in (f"[phases.{phase}]", "enabled = false")),
    ]
    values = {name: [str(value) for value in found] for name, found in seeds.values.items()}
    if service in seeds.jobs:
        values["job_id"] = [seeds.jobs[service]]
    strangers = [f"new-{uuid.uuid4().hex[:8]}@example.org" for _ in range(25)]
    values |= {
        "email": seeds.accounts[:5] + strangers,
        "password": [PASSWORD],
        "current": [PASSWORD],
        "new": [PASSWORD],
        "city": ["moscow"],
        "phone": ["+74951234567"],
    }
    for name, found in values.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(found)}"]
    lines += ["[dictionaries.seats]", "values = [1]", "[parameters]"]
    for name in (*values, "seats"):
        for place in ("path", "query", "body"):
            lines.append(f'"{place}.{name}" = {{ dictionary = "{name}", probability = 0.8 }}')
    if operation := LEFT_OUT.get(service):
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "enabled = false"]
    named = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    for operation in sorted(named & RULES_BEYOND_THE_SCHEMA.keys()):
        lines += [
            "[[operations]]",
            f'include-operation-id = "{operation}"',
            "checks.positive_data_acceptance = "
            f"{{ expected-statuses = {json.dumps([*USUAL_REFUSALS, 422])} }} # {RULES_BEYOND_THE_SCHEMA[operation]}",
        ]
    for operation in sorted(named & set(PUT_IN_BATCHES)):
        lines += ["[[operations]]", f'include-operation-id = "{operation}"']
        lines.append("checks.ensure_resource_availability.enabled = false")
    for operation in sorted(named & seeds.of_operation.keys()):
        dictionary = f"ids_of_{operation}"
        name = ID_OF.get(operation, "booking_id")
        lines += [
            f"[dictionaries.{dictionary}]",
            f"values = {json.dumps(seeds.of_operation[operation])}",
            "[[operations]]",
            f'include-operation-id = "{operation}"',
            f'parameters."path.{name}" = {{ dictionary = "{dictionary}", probability = 0.8 }}',
        ]
    return "\n".join(lines) + "\n"
