"""Executing the steps that ``plan`` asks for: each service gets its own section."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.policy import ConfigurationState, place
from mesto.operator.cache import Key
from mesto.operator.conditions import Notice
from mesto.operator.controller import Controller, ControllerContext
from mesto.operator.kinds.coworkingspace.spec import KIND as SPACE
from mesto.operator.kinds.platformconfig import plan as planning
from mesto.operator.kinds.platformconfig.plan import SERVICES, Answer, Desired, Observed
from mesto.operator.kinds.platformconfig.spec import KIND
from mesto.operator.objects import Resource

log = structlog.get_logger(__name__)
_PATH = "/internal/configuration"
_UNREADABLE = {400, 409, 413, 422}


class Configs(Controller[Desired, Observed]):
    """PlatformConfigs; ``services`` are the internal APIs by name, ``namespace`` is where the one that counts lies.

    ``refused_seconds`` is how long a refusal stands before the service is asked again.
    """

    kind = KIND
    finalizer = ""

    def __init__(
        self,
        context: ControllerContext,
        services: Mapping[str, InternalClient],
        namespace: str,
        refused_seconds: float,
    ) -> None:
        super().__init__(context)
        self.services, self.namespace, self.refused_seconds = services, namespace, refused_seconds

    def parse(self, resource: Resource) -> Desired:
        return planning.parse(resource, self.namespace)

    def observe(self, key: Key, desired: Desired, observed: Observed | None, force: bool) -> Observed:
        if observed is None:
            observed = Observed(in_use=self._cities_in_use() if desired.effective else {})
        return replace(observed, force=force)

    def plan(self, desired: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(desired, observed, self.context.now())

    def requeue_after(self, key: Key, desired: Desired, observed: Observed) -> float | None:
        super().requeue_after(key, desired, observed)
        if any(answer.refused for answer in observed.answers.values()):
            self.forced.add(key)  # the next pass asks again
            return self.refused_seconds
        return (
            self.refused_seconds if planning.undeclared_cities(desired, observed) else None
        )  # spaces go to other cities, too

    def _cities_in_use(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for space in self.resources.all(SPACE.plural):
            metadata, city = space["metadata"], (space.get("spec") or {}).get("city")
            if isinstance(city, str) and not metadata.get("deletionTimestamp"):
                found.setdefault(city, []).append(f"{metadata['namespace']}/{metadata['name']}")
        return {city: sorted(names) for city, names in found.items()}

    async def execute(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        match action:
            case planning.Fetch():
                found = await asyncio.gather(*(self._request(name) for name in SERVICES))
                return self._with_answers(observed, dict(zip(SERVICES, found, strict=True)))
            case planning.Deliver(service, policy):
                before = observed.answers[service]
                body = {"uid": str(desired.uid), "generation": desired.generation, "policy": policy}
                answer = await self._request(service, body, before)
                if planning.drifted(desired, service, before) and planning.current(desired, service, answer):
                    message = f"What {service} had stored differed from the resource; put right."
                    self.publish_event(resource, Notice("Warning", "DriftCorrected", message))
                log.info(
                    "policy_told", key=str(key), service=service, generation=desired.generation, refused=answer.refused
                )
                return self._with_answers(observed, {**observed.answers, service: answer})
        raise AssertionError(action)

    @staticmethod
    def _with_answers(observed: Observed, answers: Mapping[str, Answer]) -> Observed:
        away = [f"{name}: {answer.message}" for name, answer in answers.items() if answer.away]
        return replace(observed, answers=answers, unreachable="; ".join(away), force=False)

    async def _request(
        self, service: str, body: dict[str, object] | None = None, before: Answer | None = None
    ) -> Answer:
        """Return what a service has committed, after it was given ``body``; a refusal leaves what it had before."""
        try:
            method, options = ("GET", {}) if body is None else ("PUT", {"json": body})
            answer = await self.services[service].call(method, _PATH, **options)  # type: ignore[arg-type]
        except ServiceUnavailable as error:
            return Answer(message=str(error))
        except RequestRejected as error:
            wrong = "; ".join(f"{_field(service, fault)}: {fault.get('message')}" for fault in error.errors)
            refused = error.status in _UNREADABLE
            return Answer(before.state if refused and before else None, wrong or str(error), refused)
        return Answer(ConfigurationState.parse_answer(answer))


def _field(service: str, error: Mapping[str, object]) -> str:
    """Return where it stands in the resource."""
    return place(service, str(error.get("field", "")).removeprefix("policy."))
