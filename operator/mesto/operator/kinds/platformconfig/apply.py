"""Executing the steps that ``plan`` asks for: each service gets its own section."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.contracts.platform_texts import TextName, TextState, TextStates
from mesto.contracts.policy import ConfigurationState, place
from mesto.operator.cache import Key
from mesto.operator.cluster import Gone
from mesto.operator.conditions import Notice
from mesto.operator.controller import Controller, ControllerContext
from mesto.operator.kinds.coworkingspace.spec import KIND as SPACE
from mesto.operator.kinds.platformconfig import plan as planning
from mesto.operator.kinds.platformconfig import texts as platform_texts
from mesto.operator.kinds.platformconfig.plan import SERVICES, Answer, Desired, Observed
from mesto.operator.kinds.platformconfig.spec import KIND
from mesto.operator.kinds.platformconfig.texts import DeliverText, SeenTexts, TextFault, WithdrawText
from mesto.operator.objects import Resource

log = structlog.get_logger(__name__)
_PATH, _TEXTS = "/internal/configuration", "/internal/texts"
_UNREADABLE = {400, 409, 413, 422}


class Configs(Controller[Desired, Observed]):
    """PlatformConfigs; ``services`` are the internal APIs by name, ``namespace`` is where the one that counts lies.

    ``refused_seconds`` is how long a refusal stands before the service is asked again; ``config_map_seconds`` is how
    long a change of a ConfigMap that holds texts may go unseen.
    """

    kind = KIND
    finalizer = ""

    def __init__(
        self,
        context: ControllerContext,
        services: Mapping[str, InternalClient],
        namespace: str,
        refused_seconds: float,
        config_map_seconds: float,
    ) -> None:
        super().__init__(context)
        self.services, self.namespace = services, namespace
        self.refused_seconds, self.config_map_seconds = refused_seconds, config_map_seconds

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
        pauses, seen = [], observed.texts
        refused = any(answer.refused for answer in observed.answers.values())
        if refused or (seen is not None and (seen.refused or seen.fault)):
            self.forced.add(key)  # the next pass asks again
            pauses.append(self.refused_seconds)
        silent = bool(observed.answers) and seen is None  # auth has told of its section, but not of texts
        if silent or planning.undeclared_cities(desired, observed):  # spaces go to other cities, too
            pauses.append(self.refused_seconds)
        if desired.effective and not desired.paused and platform_texts.sources(desired.texts):
            pauses.append(self.config_map_seconds)
        return min(pauses, default=None)

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
                observed = self._with_answers(observed, dict(zip(SERVICES, found, strict=True)))
                return await self._fetch_texts(desired, observed)
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
            case DeliverText(text, content):
                body = {"uid": str(desired.uid), "generation": desired.generation, "ru": content.ru, "en": content.en}
                options = {"json": body | {"required_to_register": text.required}}
                log.info("text_told", key=str(key), text=text.name, version=content.version)
                return await self._tell_text(observed, text.name, text.label, "PUT", options)
            case WithdrawText(name):
                params = {"uid": str(desired.uid), "generation": desired.generation}
                log.info("text_withdrawn", key=str(key), text=name)
                return await self._tell_text(observed, name, name, "DELETE", {"params": params})
        raise AssertionError(action)

    async def _fetch_texts(self, desired: Desired, observed: Observed) -> Observed:
        """Return what is observed with what auth shows and ConfigMaps say; without texts when auth is away."""
        seen = SeenTexts(self.namespace)
        try:
            answer = TextStates.parse_answer(await self.services["auth"].call("GET", _TEXTS))
            seen = replace(seen, shown={state.name: state for state in answer.items})
        except ServiceUnavailable as error:
            return replace(observed, texts=None, unreachable=observed.unreachable or f"auth: {error}")
        except RequestRejected as error:
            fault = TextFault("AuthRefused", f"auth does not tell which texts it shows: {error.status} {error}.")
            seen = replace(seen, fault=fault)
        names = platform_texts.sources(desired.texts)
        found = await asyncio.gather(*(self._config_map(name) for name in names))
        return replace(observed, texts=replace(seen, config_maps=dict(zip(names, found, strict=True))))

    async def _config_map(self, name: str) -> Mapping[str, str] | None:
        try:
            return (await self.context.cluster.config_map(self.namespace, name)).get("data") or {}
        except Gone:
            return None

    async def _tell_text(
        self, observed: Observed, name: TextName, label: str, method: str, options: Mapping[str, object]
    ) -> Observed:
        """Return what is observed after auth was told of a text."""
        seen = observed.texts
        assert seen is not None, "a text is told only after it was compared"
        try:
            answer = await self.services["auth"].call(method, f"{_TEXTS}/{name}", **options)  # type: ignore[arg-type]
        except ServiceUnavailable as error:
            return replace(observed, texts=None, unreachable=f"auth: {error}")
        except RequestRejected as error:
            wrong = "; ".join(str(fault.get("message")) for fault in error.errors)
            fault = TextFault("TextRefused", f"{label}: {wrong or error}".removesuffix(".") + ".")
            return replace(observed, texts=replace(seen, refused={**seen.refused, name: fault}))
        shown = {other: state for other, state in seen.shown.items() if other != name}
        if method == "PUT":
            shown[name] = TextState.parse_answer(answer)
        return replace(observed, texts=replace(seen, shown=shown))

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
