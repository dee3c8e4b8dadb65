"""What to do next for one PlatformConfig: pure, and the same for create, update, resync and drift.

Deleting one does nothing: the services keep what they have, for a platform without cities helps nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mesto.common.sentences import count
from mesto.contracts.policy import MODELS, ConfigurationState, fingerprint, sections
from mesto.operator import controller
from mesto.operator.conditions import Condition, Conditions, by_type, condition, is_ready, merge, notices, paused
from mesto.operator.controller import WriteStatus
from mesto.operator.kinds.platformconfig import texts as platform_texts
from mesto.operator.kinds.platformconfig.spec import NAME, PlatformConfigSpec, PlatformConfigStatus, ServiceStatus
from mesto.operator.kinds.platformconfig.texts import DeclaredText, DeliverText, SeenTexts, WithdrawText
from mesto.operator.objects import Resource, dump_status
from mesto.operator.paths import model_faults, unforeseen
from pydantic import ValidationError

APPLIED = ("Ready", "Synced")
ORDER = (*APPLIED, "Published", "Plausible")
SERVICES = tuple(MODELS)
CITIES_IN_USE = "CitiesInUse"
_NAMED_SPACES, _NAMED_CITIES = 3, 5


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource: each service's section, its texts, why there is none, and whether it is the one that counts."""

    policies: Mapping[str, dict[str, object]] = field(default_factory=dict)
    texts: Sequence[DeclaredText] = ()
    fault: str = ""
    effective: bool = True

    @property
    def cities(self) -> set[str]:
        """The slugs of the cities that it declares."""
        cities = self.policies.get("geo", {}).get("cities")
        return {city["slug"] for city in cities} if isinstance(cities, list) else set()


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

    ``in_use`` are resources of spaces ("namespace/name", sorted) by the city that they name; ``texts`` is None while
    auth or the API server have not told of them.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    in_use: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: SeenTexts | None = None


@dataclass(frozen=True)
class Fetch:
    """Ask the services what they have committed, auth which texts it shows, and read the ConfigMaps of texts."""


@dataclass(frozen=True)
class Deliver:
    """Give a service its section."""

    service: str
    policy: dict[str, object]


Action = WriteStatus | Fetch | Deliver | DeliverText | WithdrawText


def parse(resource: Resource, namespace: str) -> Desired:
    """Parse a resource; only the one named ``default`` in ``namespace`` counts."""
    metadata, policies, fault = resource["metadata"], {}, ""
    texts: Sequence[DeclaredText] = ()
    try:
        texts = platform_texts.declared(PlatformConfigSpec.model_validate(resource["spec"]))
        policies = sections(resource["spec"])
    except ValidationError as error:
        fault = model_faults(error)
    except Exception as error:
        fault = unforeseen(error)
    effective = (metadata["namespace"], metadata["name"]) == (namespace, NAME)
    common = controller.Desired.common(resource, "")
    return Desired(**common, policies=policies, texts=texts, fault=fault, effective=effective)


def _has_generation(desired: Desired, answer: Answer) -> bool:
    """Return whether a service says that it has committed this generation."""
    state = answer.state
    return state is not None and (state.uid, state.generation) == (desired.uid, desired.generation)


def current(desired: Desired, service: str, answer: Answer) -> bool:
    """Return whether a service has committed just this."""
    state = answer.state
    if state is None or not _has_generation(desired, answer):
        return False
    try:
        return state.fingerprint == fingerprint(MODELS[service].model_validate(desired.policies[service]))
    except ValidationError:
        return False


def drifted(desired: Desired, service: str, answer: Answer) -> bool:
    """Return whether a service says that it has this generation, but it is not what was declared.

    Somebody changed it.
    """
    return _has_generation(desired, answer) and not current(desired, service, answer)


def plan(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    """Return the next step, None when there is nothing to do."""
    if desired.deleting:
        return None
    if desired.paused or desired.fault or not desired.effective:
        return _write_status(desired, observed, now)
    if not observed.answers:
        return Fetch()
    for service in SERVICES:
        answer = observed.answers[service]
        if answer.state is not None and not answer.refused and not current(desired, service, answer):
            return Deliver(service, desired.policies[service])
    if observed.texts is not None and (step := platform_texts.next_step(desired.texts, observed.texts)) is not None:
        return step
    if observed.unreachable and is_ready(_before(desired), desired.generation):
        return None
    return _write_status(desired, observed, now)


def undeclared_cities(desired: Desired, observed: Observed) -> str:
    """Return which spaces name a city that is not declared, in a sentence; empty when there are none.

    It may be meant, and it may be a list that replaced another: all of them say UnknownCity.
    """
    lost = {city: observed.in_use[city] for city in sorted(set(observed.in_use) - desired.cities)}
    if not lost:
        return ""
    sentences = [_in_use_sentence(city, names) for city, names in list(lost.items())[:_NAMED_CITIES]]
    more = len(lost) - len(sentences)
    sentences += [f"{count(more, 'more city is', 'more cities are')} named"] if more > 0 else []
    return (
        f"geo.cities: {'; '.join(sentences)}. Declare the city, or correct spec.city of the spaces, unless it is meant."
    )


def _in_use_sentence(city: str, names: Sequence[str]) -> str:
    what = count(len(names), "space names", "spaces name")
    more = ", …" if len(names) > _NAMED_SPACES else ""
    return f"{what} {city}, which is not declared ({', '.join(names[:_NAMED_SPACES])}{more})"


def _before(desired: Desired) -> Conditions:
    return by_type(PlatformConfigStatus.model_validate(desired.status).conditions)


def _write_status(desired: Desired, observed: Observed, now: datetime) -> WriteStatus | None:
    old = PlatformConfigStatus.model_validate(desired.status)
    before = by_type(old.conditions)
    fields: dict[str, object] = {"observed_generation": desired.generation}
    if observed.answers:
        known = {item.name: item for item in old.services or []}
        fields["services"] = [_service(desired, name, observed.answers[name], known.get(name)) for name in SERVICES]
    if observed.texts is not None:
        fields["texts"] = platform_texts.statuses(desired.texts, observed.texts) or None
    if not desired.effective:
        fields |= {"services": None, "texts": None}
    fields["conditions"] = merge(before, _conditions(desired, observed, before), ORDER, now)
    status = dump_status(old.model_copy(update=fields))
    if status == desired.status:
        return None
    return WriteStatus(status, tuple(notices(desired.status, status, bad=("Ready", "Published", "Plausible"))))


def _service(desired: Desired, name: str, answer: Answer, before: ServiceStatus | None) -> ServiceStatus:
    """Return a service's part of the status; one that does not answer keeps what it said last."""
    applied = before.applied_generation if before is not None else None
    if answer.state is not None:
        applied = answer.state.generation if answer.state.uid == desired.uid else None
    return ServiceStatus(name=name, applied_generation=applied, message=answer.message[:2000])


def _conditions(desired: Desired, observed: Observed, before: Conditions) -> list[Condition]:
    generation = desired.generation
    if not desired.effective:
        message = f"Only the PlatformConfig named {NAME} in the operator's namespace counts."
        return [condition(name, False, "NotEffective", message, generation) for name in APPLIED]
    if desired.paused:
        return [paused(before, generation)]
    if desired.fault:
        return [condition(name, False, "Invalid", desired.fault, generation) for name in APPLIED]
    return [*_applied(desired, observed, before), *_published(desired, observed, before)]


def _applied(desired: Desired, observed: Observed, before: Conditions) -> Iterator[Condition]:
    """Yield whether the services run with their sections, and where they do, whether spaces fit these."""
    generation = desired.generation
    refused = {name: item for name, item in observed.answers.items() if item.refused}
    away = {name: item for name, item in observed.answers.items() if item.away}
    for reason, wrong in (("Invalid", refused), ("ServiceUnavailable", away)):
        if wrong:
            message = "; ".join(f"{name}: {item.message}" for name, item in wrong.items())
            yield from (condition(name, False, reason, message, generation) for name in APPLIED)
            return
    message = f"Every service runs with generation {generation}."
    yield condition("Ready", True, "Ready", message, generation)
    yield condition("Synced", True, "Synced", message, generation)
    yield from _plausible(desired, observed, before)


def _published(desired: Desired, observed: Observed, before: Conditions) -> Iterator[Condition]:
    """Yield whether the site shows the texts as they are declared; there is none before the first text."""
    if observed.texts is None or not (desired.texts or "Published" in before):
        return
    wrong = platform_texts.faults(desired.texts, observed.texts)
    if wrong:
        message = f"{' '.join(fault.message for fault in wrong)} What was shown before stays."
        yield condition("Published", False, wrong[0].reason, message, desired.generation)
        return
    message = f"The site shows {count(len(desired.texts), 'text')} as declared."
    yield condition("Published", True, "Published", message, desired.generation)


def _plausible(desired: Desired, observed: Observed, before: Conditions) -> Iterator[Condition]:
    """Yield the condition about cities that spaces name; there is none before the first doubt."""
    if lost := undeclared_cities(desired, observed):
        yield condition("Plausible", False, CITIES_IN_USE, lost, desired.generation)
    elif "Plausible" in before:
        yield condition("Plausible", True, "Plausible", "Spaces name declared cities only.", desired.generation)
