"""The plan of a PlatformConfig: every service gets its section, once; a refusal names the field and stops no other."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from mesto.common.sentences import validator_message
from mesto.contracts.policy import MODELS, ConfigurationState, declared, fingerprint, place, sections
from mesto.operator.controller import WriteStatus
from mesto.operator.kinds.platformconfig.plan import SERVICES, Answer, Deliver, Fetch, Observed, parse, plan
from pydantic import ValidationError

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MOSCOW = {
    "slug": "moscow",
    "name": {"ru": "Москва"},
    "timeZone": "Europe/Moscow",
    "currency": "RUB",
    "center": {"latitude": 55.7, "longitude": 37.6},
}
SPEC: dict[str, Any] = {
    "auth": {"accessTokenMinutes": 5},
    "catalog": {"reviews": {"moderation": "PostModerate"}},
    "booking": {"holdMinutes": 20, "payments": {"providers": ["Sandbox"]}},
    "geo": {"cities": [MOSCOW], "defaultCurrency": "USD", "map": {"provider": "MapLibre"}},
    "notifications": {"email": {"provider": "Smtp", "from": "a@example.org"}, "reminderMinutes": [60]},
}


class World:
    """An API server and five services that answer at once, if they are not ``down``."""

    def __init__(self, name: str = "default", **spec: Any) -> None:
        metadata = {"uid": str(uuid4()), "namespace": "mesto", "name": name, "generation": 1, "resourceVersion": "1"}
        self.resource: dict[str, Any] = {"metadata": metadata, "spec": copy.deepcopy(SPEC) | spec}
        self.stored: dict[str, tuple[Any, int, dict[str, Any]]] = {}
        self.down: set[str] = set()
        self.writes = 0
        self.in_use: dict[str, list[str]] = {}

    def change(self, **spec: Any) -> None:
        self.resource["metadata"]["generation"] += 1
        self.resource["spec"] |= spec

    def step(self, observed: Observed) -> tuple[Any, Observed]:
        desired = parse(self.resource, "mesto")
        action = plan(desired, observed, NOW)
        answers: Mapping[str, Answer] = observed.answers
        match action:
            case WriteStatus(status, _):
                self.resource["status"] = status
                self.writes += 1
            case Fetch():
                answers = {name: self.stored_answer(name) for name in SERVICES}
            case Deliver(service, policy):
                answers = {**answers, service: self.deliver(service, desired, policy, answers[service])}
        away = [name for name, answer in answers.items() if answer.state is None and not answer.refused]
        return action, replace(observed, answers=answers, unreachable=", ".join(away), force=False)

    def stored_answer(self, name: str) -> Answer:
        if name in self.down:
            return Answer(message="no answer")
        if name not in self.stored:
            return Answer(ConfigurationState())
        uid, generation, policy = self.stored[name]
        shown = fingerprint(MODELS[name].model_validate(policy))
        return Answer(ConfigurationState(uid=uid, generation=generation, fingerprint=shown))

    def deliver(self, name: str, desired: Any, policy: dict[str, Any], before: Answer) -> Answer:
        if name in self.down:
            return Answer(message="no answer")
        try:
            section = MODELS[name].model_validate(policy)
        except ValidationError as error:
            (first, *_) = error.errors()
            where = place(name, ".".join(str(part) for part in first["loc"]))
            return Answer(before.state, f"{where}: {validator_message(first['msg'])}", True)
        self.stored[name] = (desired.uid, desired.generation, declared(section))
        return self.stored_answer(name)

    def reconcile(self, most: int = 12) -> list[type[Any]]:
        observed, taken = Observed(in_use=self.in_use), []
        while True:
            action, observed = self.step(observed)
            if action is None:
                return taken
            taken.append(type(action))
            assert len(taken) <= most, taken

    def condition(self, kind: str = "Ready") -> tuple[str, str, str]:
        found = {condition["type"]: condition for condition in self.resource["status"]["conditions"]}[kind]
        return found["status"], found["reason"], found["message"]

    def applied(self) -> dict[str, int | None]:
        return {service["name"]: service.get("appliedGeneration") for service in self.resource["status"]["services"]}


def test_each_service_is_told_its_own_section_and_then_left_alone() -> None:
    world = World()
    assert world.reconcile() == [Fetch, *[Deliver] * 5, WriteStatus]
    assert world.condition()[:2] == ("True", "Ready")
    assert world.applied() == dict.fromkeys(SERVICES, 1)
    told = {name: policy for name, (_, _, policy) in world.stored.items()}
    assert told["auth"] == {"access_token_minutes": 5}
    assert told["catalog"] == {
        "reviews": {"moderation": "PostModerate"},
        "hold_minutes": 20,
        "default_currency": "USD",
    }
    assert told["booking"] == {"providers": ["Sandbox"]}
    assert told["geo"]["cities"][0]["time_zone"] == "Europe/Moscow"
    assert told["notifications"] == {"email_provider": "Smtp", "sender": "a@example.org", "reminder_minutes": [60]}
    assert world.reconcile() == [Fetch]


def test_catalog_is_told_which_namespaces_may_use_a_city_and_of_nothing_else() -> None:
    cities = [{"slug": "saint-petersburg", "namespaces": ["spb"]}, {"slug": "moscow"}]
    assert sections({"geo": {"cities": cities}})["catalog"] == {"city_namespaces": {"saint-petersburg": ["spb"]}}
    assert sections({"geo": {"cities": [{"slug": "moscow"}]}})["catalog"] == {}


def test_a_field_that_is_left_out_is_told_to_nobody() -> None:
    world = World()
    world.reconcile()
    world.change(auth={}, notifications={})
    world.reconcile()
    assert world.stored["auth"][2] == {}
    assert MODELS["auth"].model_validate({}).model_dump()["access_token_minutes"] == 10
    assert sections({}) == {name: {} for name in SERVICES}
    assert sections({"geo": None, "booking": {"payments": None}}) == {name: {} for name in SERVICES}


def test_a_refusal_names_the_field_of_the_resource_and_hinders_no_other_service() -> None:
    world = World()
    world.reconcile()
    old = world.stored["geo"]
    world.change(geo={"cities": [MOSCOW, MOSCOW | {"slug": "x", "timeZone": "Europe/Nowhere"}]}, auth={})
    assert world.reconcile() == [Fetch, *[Deliver] * 5, WriteStatus]
    status, reason, message = world.condition()
    assert (status, reason) == ("False", "Invalid")
    assert "geo.cities[1].timeZone: " in message
    assert "Europe/Nowhere is not a time zone" in message
    assert world.stored["geo"] == old
    assert world.applied() == {"auth": 2, "catalog": 2, "booking": 2, "geo": 1, "notifications": 2}
    world.change(geo={"cities": [MOSCOW]})
    world.reconcile()
    assert world.condition()[:2] == ("True", "Ready")


def test_what_no_service_can_do_yet_is_refused_by_the_one_that_will() -> None:
    world = World(
        booking={"payments": {"providers": ["Sandbox", "Stripe"]}}, notifications={"email": {"provider": "SendGrid"}}
    )
    world.reconcile()
    message = world.condition()[2]
    assert "booking.payments.providers[1]: Stripe is not there yet; there is Sandbox" in message
    assert "notifications.email.provider: SendGrid is not there yet" in message


def test_a_service_that_is_away_is_named_and_told_later() -> None:
    world = World()
    world.down = {"geo"}
    world.reconcile()
    assert world.condition() == ("False", "ServiceUnavailable", "geo: no answer")
    assert world.applied()["auth"] == 1
    assert world.applied()["geo"] is None
    world.down = set()
    world.reconcile()
    assert world.condition()[:2] == ("True", "Ready")
    world.down = {"geo"}
    assert world.reconcile() == [Fetch]  # what is applied stays applied
    assert world.condition()[:2] == ("True", "Ready")


def test_only_the_one_of_the_operators_namespace_counts() -> None:
    world = World("other")
    assert world.reconcile() == [WriteStatus]
    assert world.condition()[:2] == ("False", "NotEffective")
    assert world.stored == {}
    assert "services" not in world.resource["status"]


def test_a_paused_one_tells_nobody() -> None:
    world = World()
    world.resource["metadata"]["annotations"] = {"mesto.dev/paused": "true"}
    assert world.reconcile() == [WriteStatus]
    assert world.condition()[:2] == ("False", "Paused")
    assert world.stored == {}


def test_one_that_goes_leaves_the_platform_as_it_is() -> None:
    world = World()
    world.reconcile()
    world.resource["metadata"]["deletionTimestamp"] = "2026-11-25T12:00:00Z"
    before = copy.deepcopy(world.stored)
    assert world.reconcile() == []
    assert world.stored == before


def test_a_policy_that_withdraws_a_city_which_spaces_name_is_told_and_doubted() -> None:
    world = World()
    world.in_use = {"moscow": ["moscow/attic", "moscow/loft", "moscow/vault", "moscow/yard"], "tver": ["tver/room"]}
    world.reconcile()
    assert "Plausible" in {condition["type"] for condition in world.resource["status"]["conditions"]}
    world.change(geo={"cities": [MOSCOW | {"slug": "kazan"}]}, auth={})
    world.reconcile()
    assert world.condition()[:2] == ("True", "Ready")
    assert world.applied() == dict.fromkeys(SERVICES, 2)
    status, reason, message = world.condition("Plausible")
    assert (status, reason) == ("False", "CitiesInUse")
    assert "4 spaces name moscow, which is not declared (moscow/attic, moscow/loft, moscow/vault, …)" in message
    assert "1 space names tver, which is not declared (tver/room)" in message
    world.in_use = {"kazan": ["tver/room"]}
    world.reconcile()
    assert world.condition("Plausible")[:2] == ("True", "Plausible")


def test_the_doubt_is_an_event_once() -> None:
    world = World()
    world.reconcile()
    assert "Plausible" not in {condition["type"] for condition in world.resource["status"]["conditions"]}
    world.in_use = {"moscow": ["moscow/loft"]}
    world.change(geo={"cities": []})
    observed, told = Observed(in_use=world.in_use), []
    while True:
        action, observed = world.step(observed)
        if action is None:
            break
        told += [(notice.type, notice.reason) for notice in getattr(action, "notices", ())]
    assert told == [("Warning", "CitiesInUse")]


class Anything(RuleBasedStateMachine):
    """Services go and come, rows are edited, the operator crashes after any step: the next pass puts all right."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(down=st.sets(st.sampled_from(SERVICES)))
    def services_go_or_come(self, down: set[str]) -> None:
        self.world.down = down

    @rule(minutes=st.integers(1, 60), zone=st.sampled_from(["Europe/Moscow", "Europe/Nowhere"]))
    def spec_changes(self, minutes: int, zone: str) -> None:
        self.world.change(auth={"accessTokenMinutes": minutes}, geo={"cities": [MOSCOW | {"timeZone": zone}]})

    @rule(service=st.sampled_from(SERVICES))
    def somebody_edits_a_row(self, service: str) -> None:
        if service in self.world.stored:
            uid, generation, _ = self.world.stored[service]
            self.world.stored[service] = (uid, generation, {})

    @rule(steps=st.integers(1, 7))
    def begins_and_crashes(self, steps: int) -> None:
        observed = Observed()
        for _ in range(steps):
            action, observed = self.world.step(observed)
            if action is None:
                break

    @invariant()
    def converges(self) -> None:
        twin = copy.deepcopy(self.world)
        twin.down = set()
        twin.reconcile()
        wrong = twin.resource["spec"]["geo"]["cities"][0]["timeZone"] == "Europe/Nowhere"
        assert twin.condition()[1] == ("Invalid" if wrong else "Ready")
        generation = twin.resource["metadata"]["generation"]
        current = {name for name, at in twin.applied().items() if at == generation}
        assert current == set(SERVICES) - ({"geo"} if wrong else set())
        told = sections(twin.resource["spec"])
        for name in current:
            assert twin.stored[name][2] == declared(MODELS[name].model_validate(told[name]))
        before = twin.writes
        assert Deliver not in twin.reconcile() or wrong
        assert twin.writes == before


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=40, stateful_step_count=8, deadline=None)
