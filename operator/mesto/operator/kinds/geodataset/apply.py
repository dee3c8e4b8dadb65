"""Taking the steps that ``plan`` asks for: reading sources, telling geo."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from mesto.common.http.internal_client import InternalClient, ServiceUnavailable
from mesto.common.http.internal_client import RequestRejected as GeoRefused
from mesto.common.observability import telemetry
from mesto.contracts.datasets import DatasetState
from mesto.operator import downloads
from mesto.operator.cache import Key, Resource
from mesto.operator.cluster import Gone
from mesto.operator.conditions import stamp
from mesto.operator.controller import Controller, Tools, WriteStatus, internal_error
from mesto.operator.kinds.geodataset import plan as planning
from mesto.operator.kinds.geodataset import reading
from mesto.operator.kinds.geodataset.plan import Desired, Observed
from mesto.operator.kinds.geodataset.rows import Form
from mesto.operator.kinds.geodataset.spec import KIND, LOADED, UNTOLD, Attempt, GeoDatasetSpec
from mesto.operator.queue import Later
from prometheus_client import Counter

log = structlog.get_logger(__name__)
LOADS = Counter("mesto_operator_datasets_total", "Attempts to load a GeoDataset", ["outcome"])
GEO_SECONDS = 120.0
"""Until geo must have answered: a large dataset is checked, stored, and the city's spaces placed anew."""
_FORMS: dict[str, Form] = {"GeoJSON": "json", "JSON": "json", "CSV": "csv", "GTFS": "gtfs"}
_REASONS = {"unknown-city": "UnknownCity", "city-not-allowed": "CityNotAllowed"}
_REPORTED, _MESSAGE = 5, 1000


class _Failed(Exception):
    """Why a dataset was not loaded: a stable reason and a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class _Source:
    file: Path
    sha256: str
    edition: str


class Datasets(Controller[Desired, Observed]):
    """GeoDatasets. ``refused_seconds`` is how long a first failure stands before the source is read again.

    One source is read at a time: each may be 64 MiB, and a few times that while it is parsed, in a process that may use
    ``memory_mb``.
    """

    kind = KIND
    finalizer = planning.FINALIZER

    def __init__(
        self, tools: Tools, geo: InternalClient, refused_seconds: float, memory_mb: int = reading.MEMORY_MB
    ) -> None:
        super().__init__(tools)
        self.geo, self.refused_seconds, self.memory_mb = geo, refused_seconds, memory_mb
        self._waiting: set[Key] = set()
        self._one = asyncio.Lock()

    def desired(self, resource: Resource) -> Desired:
        return planning.desired(resource)

    def observe(self, key: Key, wanted: Desired, observed: Observed | None, force: bool) -> Observed:
        return replace(observed or Observed(pause=self.refused_seconds), force=force)

    def plan(self, wanted: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(wanted, observed, self.tools.now())

    def waits(self, key: Key) -> bool:
        return key in self._waiting

    def forget(self, key: Key) -> None:
        super().forget(key)
        self._waiting.discard(key)

    def later(self, key: Key, wanted: Desired, observed: Observed) -> float | None:
        super().later(key, wanted, observed)
        self._waiting.discard(key)
        if wanted.paused or wanted.deleting or wanted.fault:
            return None
        moment = planning.retry(wanted, observed)
        if moment is None or (planning.current(wanted, observed) and not planning.cut_off(wanted, observed)):
            moment = planning.due(wanted, observed)
        else:
            self._waiting.add(key)
        return max(1.0, (moment - self.tools.now()).total_seconds()) if moment else None

    async def take(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        try:
            match action:
                case planning.Look():
                    return await self._look(wanted, observed)
                case planning.Load():
                    return await self._load(key, resource, wanted, wanted.spec, observed)
                case planning.Remove(policy):
                    params = {"owner": str(wanted.uid), "policy": policy}
                    await self.geo.call("DELETE", _path(wanted), params=params, seconds=GEO_SECONDS)
                    return replace(observed, removed=True)
        except ServiceUnavailable as error:
            return replace(observed, unreachable=str(error), force=False)
        except GeoRefused as error:
            return replace(observed, unreachable=f"geo answered {error.status}: {error}", force=False)
        raise AssertionError(action)

    async def _look(self, wanted: Desired, observed: Observed) -> Observed:
        # All rows are read when the services are told anew, else only what is noted of them.
        stored = await self._stored(wanted, verify=observed.force)
        return replace(observed, stored=stored, edition=await self._edition(wanted))

    async def _stored(self, wanted: Desired, *, verify: bool) -> DatasetState | None:
        try:
            answer = await self.geo.call("GET", _path(wanted), params={"verify": verify}, seconds=GEO_SECONDS)
        except GeoRefused as error:
            if error.status != 404:
                raise
            return None
        return DatasetState.model_validate(answer)

    async def _edition(self, wanted: Desired) -> str:
        """Of a ConfigMap; an address would have to be read for it."""
        assert wanted.spec is not None
        if wanted.spec.source.config_map is None:
            return ""
        try:
            return hashlib.sha256(await self._config_map(wanted, wanted.spec)).hexdigest()
        except _Failed:
            return "absent"

    async def _load(
        self, key: Key, resource: Resource, wanted: Desired, spec: GeoDatasetSpec | None, observed: Observed
    ) -> Observed:
        assert spec is not None
        drifted = isinstance(observed.stored, DatasetState) and observed.stored.intact is False
        attempt = planning.begin(wanted, observed.edition, self.tools.now())
        try:
            async with self._one, self._source(wanted, spec) as source:
                attempt = attempt.model_copy(update={"edition": source.edition})
                await self._note(key, resource, wanted, observed, attempt)
                body, skipped = await self._body(spec, source)
            await self._tell_geo(wanted, source, body)
        except _Failed as error:
            return self._failed(key, observed, attempt, error)
        except (ServiceUnavailable, GeoRefused) as error:
            said = f"geo answered {error.status}: {error}" if isinstance(error, GeoRefused) else str(error)
            return replace(observed, unreachable=said, attempt=self._ended(attempt, UNTOLD), force=False)
        except (Later, Gone):
            raise
        except Exception as error:
            log.exception("dataset_not_read", key=str(key))
            telemetry.report(error)
            return self._failed(key, observed, attempt, _Failed(*internal_error()))
        LOADS.labels("loaded").inc()
        if drifted:
            self.tell(resource, planning.DRIFT)
        log.info("dataset_told", key=str(key), generation=wanted.generation)
        stored = await self._stored(wanted, verify=False)
        edition = source.edition if spec.source.config_map else ""
        done = self._ended(attempt, LOADED)
        return replace(observed, stored=stored, edition=edition, attempt=done, skipped=skipped, force=False)

    async def _note(self, key: Key, resource: Resource, wanted: Desired, observed: Observed, attempt: Attempt) -> None:
        """Write down that an attempt begins: should it end this process, the next one knows."""
        begun = attempt.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._take(key, resource, wanted, observed, WriteStatus(wanted.status | {"lastAttempt": begun}))

    def _ended(self, attempt: Attempt, outcome: str, message: str | None = None) -> Attempt:
        ended = {"outcome": outcome, "message": message, "finished_at": stamp(self.tools.now())}
        return attempt.model_copy(update=ended | ({"count": 0} if outcome == LOADED else {}))

    def _failed(self, key: Key, observed: Observed, attempt: Attempt, error: _Failed) -> Observed:
        LOADS.labels("failed").inc()
        log.info("dataset_failed", key=str(key), reason=error.reason, message=str(error))
        return replace(observed, attempt=self._ended(attempt, error.reason, str(error)[:_MESSAGE]), force=False)

    async def _body(self, spec: GeoDatasetSpec, source: _Source) -> tuple[bytes, int]:
        """The dataset in geo's words, and how many rows were left out. Raises _Failed."""
        if spec.source.sha256 and spec.source.sha256 != source.sha256:
            message = f"The data hashes to {source.sha256}, spec.source.sha256 says {spec.source.sha256}."
            raise _Failed("ChecksumMismatch", message)
        kind = spec.type.lower()
        mapping = spec.mapping.model_dump(by_alias=True, exclude_none=True) if spec.mapping else {}
        level = (spec.level or "district") if kind == "districts" else ""
        with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".features") as out:
            job = reading.Job(str(source.file), out.name, _FORMS[spec.format], kind, spec.city, level, mapping)
            try:
                skipped = await reading.read(job, memory_mb=self.memory_mb)
            except reading.Failed as error:
                raise _Failed(error.reason, str(error)) from error
            return await asyncio.to_thread(Path(out.name).read_bytes), skipped

    async def _tell_geo(self, wanted: Desired, source: _Source, body: bytes) -> None:
        params = {"owner": str(wanted.uid), "generation": wanted.generation, "source": source.edition}
        headers = {"Content-Type": "application/json"}
        try:
            await self.geo.call("PUT", _path(wanted), params=params, content=body, headers=headers, seconds=GEO_SECONDS)
        except GeoRefused as error:
            if error.status not in (400, 413, 422) and error.slug not in _REASONS:
                raise
            wrong = "; ".join(str(one.get("message")) for one in (error.body.get("errors") or [])[:_REPORTED])
            raise _Failed(_REASONS.get(error.slug, "InvalidData"), wrong or str(error)) from error

    @contextlib.asynccontextmanager
    async def _source(self, wanted: Desired, spec: GeoDatasetSpec) -> AsyncIterator[_Source]:
        """The source as a file that goes afterwards. Raises _Failed, or Later."""
        if spec.source.config_map is not None:
            raw = await self._config_map(wanted, spec)
            with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".config") as file:
                file.write(raw)
                file.flush()
                digest = hashlib.sha256(raw).hexdigest()
                yield _Source(Path(file.name), digest, digest)
            return
        assert spec.source.url is not None
        try:
            private = await self.tools.cluster.allows_private(wanted.namespace)
        except Gone as error:
            raise Later("the namespace is gone") from error
        try:
            async with downloads.download(spec.source.url, private=private) as found:
                yield _Source(found.file, found.sha256, found.edition)
        except downloads.DownloadRejected as error:
            raise _Failed("SourceRefused", str(error)) from error
        except downloads.DownloadFailed as error:
            raise _Failed("SourceUnreachable", str(error)) from error

    async def _config_map(self, wanted: Desired, spec: GeoDatasetSpec) -> bytes:
        """The bytes of a key. Raises _Failed."""
        place = spec.source.config_map
        assert place is not None
        try:
            found = await self.tools.cluster.config_map(wanted.namespace, place.name)
        except Gone as error:
            message = f'There is no ConfigMap "{place.name}" in the namespace {wanted.namespace}.'
            raise _Failed("SourceNotFound", message) from error
        text, binary = (found.get("data") or {}).get(place.key), (found.get("binaryData") or {}).get(place.key)
        if text is None and binary is None:
            keys = ", ".join(sorted([*(found.get("data") or {}), *(found.get("binaryData") or {})])) or "none"
            message = f'The ConfigMap "{place.name}" has no key "{place.key}". Its keys: {keys}.'
            raise _Failed("SourceNotFound", message)
        return text.encode() if text is not None else base64.b64decode(binary or "")


def _path(wanted: Desired) -> str:
    return f"/internal/datasets/{wanted.dataset}"
