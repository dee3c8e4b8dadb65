"""What to do next for one PlatformConfig: pure, and the same for create, update, resync and drift.

Deleting one does nothing: the services keep what they have, for a platform without cities helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mesto.common.sentences import count
from mesto.contracts.policy import MODELS, ConfigurationState, fingerprint, sections
from mesto.operator import controller
from mesto.operator.conditions import Condition, Conditions, by_type, condition, is_ready, merge, notices, paused
from mesto.operator.controller import WriteStatus
from mesto.operator.kinds.platformconfig.spec import NAME, PlatformConfigSpec, PlatformConfigStatus, ServiceStatus
from mesto.operator.paths import model_faults, unforeseen
from pydantic import ValidationError

APPLIED = ("Ready", "Synced")
ORDER = (*APPLIED, "Plausible")
SERVICES = tuple(MODELS)
CITIES_IN_USE = "CitiesInUse"
_NAMED_SPACES, _NAMED_CITIES = 3, 5


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource: each service's section, why there is none, and whether it is the one that counts."""

    told: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    fault: str = ""
    effective: bool = True

    @property
    def cities(self) -> set[str]:
        """The slugs of the cities that it declares."""
        return {city["slug"] for city in self.told.get("geo", {}).get("cities") or []}


@dataclass(frozen=True)
class Answer:
    """What a service has said: what it has committed, else why not. ``refused``: asking again is of no use."""

    state: ConfigurationState | None = None
    message: str = ""
    refused: bool = False

    @property
    def away(self) -> bool:
        """Whether the service has not answered."""
        return self.state is None and not self.refused


@dataclass(frozen=True, kw_only=True)
class Observed(controller.Observed):
    """The services' answers by name; a service that is not in it was not asked yet.

    ``in_use`` are resources of spaces ("namespace/name", sorted) by the city that they name.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    in_use: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """Ask the services what they have committed."""


@dataclass(frozen=True)
class Deliver:
    """Give a service its section."""

    service: str
    policy: dict[str, Any]


Action = WriteStatus | Look | Deliver


def desired(resource: dict[str, Any], namespace: str) -> Desired:
    """Parse a resource; only the one named ``default`` in ``namespace`` counts."""
    metadata, told, fault = resource["metadata"], {}, ""
    try:
        PlatformConfigSpec.model_validate(resource["spec"])
        told = sections(resource["spec"])
    except ValidationError as error:
        fault = model_faults(error)
    except Exception as error:
        fault = unforeseen(error)
    effective = (metadata["namespace"], metadata["name"]) == (namespace, NAME)
    return Desired(**controller.Desired.common(resource, ""), told=told, fault=fault, effective=effective)


def _named(wanted: Desired, answer: Answer) -> bool:
    """Whether a service says that it has committed this generation."""
    state = answer.state
    return state is not None and (state.uid, state.generation) == (wanted.uid, wanted.generation)


def current(wanted: Desired, service: str, answer: Answer) -> bool:
    """Whether a service has committed just this."""
    state = answer.state
    if state is None or not _named(wanted, answer):
        return False
    try:
        return state.fingerprint == fingerprint(MODELS[service].model_validate(wanted.told[service]))
    except ValidationError:
        return False


def drifted(wanted: Desired, service: str, answer: Answer) -> bool:
    """Whether a service says that it has this generation, but it is not what was declared: somebody changed it."""
    return _named(wanted, answer) and not current(wanted, service, answer)


def plan(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    """The next step, None when there is nothing to do."""
    if wanted.deleting:
        return None
    if wanted.paused or wanted.fault or not wanted.effective:
        return _write(wanted, observed, now)
    if not observed.answers:
        return Look()
    for service in SERVICES:
        answer = observed.answers[service]
        if answer.state is not None and not answer.refused and not current(wanted, service, answer):
            return Deliver(service, wanted.told[service])
    if observed.unreachable and is_ready(_before(wanted), wanted.generation):
        return None
    return _write(wanted, observed, now)


def homeless(wanted: Desired, observed: Observed) -> str:
    """Which spaces name a city that is not declared, in a sentence; empty when there are none.

    It may be meant, and it may be a list that replaced another: all of them say UnknownCity.
    """
    lost = {city: observed.in_use[city] for city in sorted(set(observed.in_use) - wanted.cities)}
    if not lost:
        return ""
    said = [_in_use(city, names) for city, names in list(lost.items())[:_NAMED_CITIES]]
    more = len(lost) - len(said)
    said += [f"{count(more, 'more city is', 'more cities are')} named"] if more > 0 else []
    return f"geo.cities: {'; '.join(said)}. Declare the city, or correct spec.city of the spaces, unless it is meant."


def _in_use(city: str, names: Sequence[str]) -> str:
    what = count(len(names), "space names", "spaces name")
    more = ", …" if len(names) > _NAMED_SPACES else ""
    return f"{what} {city}, which is not declared ({', '.join(names[:_NAMED_SPACES])}{more})"


def _before(wanted: Desired) -> Conditions:
    return by_type(PlatformConfigStatus.model_validate(wanted.status).conditions)


def _write(wanted: Desired, observed: Observed, now: datetime) -> WriteStatus | None:
    old = PlatformConfigStatus.model_validate(wanted.status)
    before = by_type(old.conditions)
    fields: dict[str, Any] = {"observed_generation": wanted.generation}
    if observed.answers:
        known = {one.name: one for one in old.services or []}
        fields["services"] = [_service(wanted, name, observed.answers[name], known.get(name)) for name in SERVICES]
    if not wanted.effective:
        fields["services"] = None
    fields["conditions"] = merge(before, _conditions(wanted, observed, before), ORDER, now)
    status = old.model_copy(update=fields).model_dump(mode="json", by_alias=True, exclude_none=True)
    if status == wanted.status:
        return None
    return WriteStatus(status, tuple(notices(wanted.status, status, bad=("Ready", "Plausible"))))


def _service(wanted: Desired, name: str, answer: Answer, before: ServiceStatus | None) -> ServiceStatus:
    """A service that does not answer keeps what it said last."""
    applied = before.applied_generation if before is not None else None
    if answer.state is not None:
        applied = answer.state.generation if answer.state.uid == wanted.uid else None
    return ServiceStatus(name=name, applied_generation=applied, message=answer.message[:2000])


def _conditions(wanted: Desired, observed: Observed, before: Conditions) -> list[Condition]:
    generation = wanted.generation
    if not wanted.effective:
        message = f"Only the PlatformConfig named {NAME} in the operator's namespace counts."
        return [condition(name, False, "NotEffective", message, generation) for name in APPLIED]
    if wanted.paused:
        return [paused(before, generation)]
    if wanted.fault:
        return [condition(name, False, "Invalid", wanted.fault, generation) for name in APPLIED]
    refused = {name: one for name, one in observed.answers.items() if one.refused}
    away = {name: one for name, one in observed.answers.items() if one.away}
    for reason, wrong in (("Invalid", refused), ("ServiceUnavailable", away)):
        if wrong:
            message = "; ".join(f"{name}: {one.message}" for name, one in wrong.items())
            return [condition(name, False, reason, message, generation) for name in APPLIED]
    message = f"Every service runs with generation {generation}."
    return [
        condition("Ready", True, "Ready", message, generation),
        condition("Synced", True, "Synced", message, generation),
        *_plausible(wanted, observed, before),
    ]


def _plausible(wanted: Desired, observed: Observed, before: Conditions) -> Iterator[Condition]:
    """None before the first doubt."""
    if lost := homeless(wanted, observed):
        yield condition("Plausible", False, CITIES_IN_USE, lost, wanted.generation)
    elif "Plausible" in before:
        yield condition("Plausible", True, "Plausible", "Spaces name declared cities only.", wanted.generation)
