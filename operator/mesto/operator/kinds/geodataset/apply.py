"""Executing the steps that ``plan`` asks for: reading sources, giving them to geo."""

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
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.observability import telemetry
from mesto.contracts.datasets import DatasetState
from mesto.operator import downloads
from mesto.operator.cache import Key
from mesto.operator.cluster import Gone
from mesto.operator.conditions import stamp
from mesto.operator.controller import Controller, ControllerContext, WriteStatus, internal_error
from mesto.operator.kinds.geodataset import plan as planning
from mesto.operator.kinds.geodataset import reading
from mesto.operator.kinds.geodataset.plan import Desired, Observed
from mesto.operator.kinds.geodataset.rows import Form
from mesto.operator.kinds.geodataset.spec import KIND, LOADED, UNTOLD, Attempt, GeoDatasetSpec
from mesto.operator.objects import Resource, Status
from mesto.operator.queue import RetryLater
from prometheus_client import Counter

log = structlog.get_logger(__name__)
LOADS = Counter("mesto_operator_datasets_total", "Attempts to load a GeoDataset", ["outcome"])
GEO_SECONDS = 120.0
"""Until geo must have answered: a large dataset is checked, stored, and the city's spaces placed anew."""
_FORMS: dict[str, Form] = {"GeoJSON": "json", "JSON": "json", "CSV": "csv", "GTFS": "gtfs"}
_REASONS = {"unknown-city": "UnknownCity", "city-not-allowed": "CityNotAllowed"}
_REPORTED, _MESSAGE = 5, 1000


class _LoadFailed(Exception):
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
        self,
        context: ControllerContext,
        geo: InternalClient,
        refused_seconds: float,
        memory_mb: int = reading.MEMORY_MB,
    ) -> None:
        super().__init__(context)
        self.geo, self.refused_seconds, self.memory_mb = geo, refused_seconds, memory_mb
        self._waiting: set[Key] = set()
        self._loading = asyncio.Lock()

    def parse(self, resource: Resource) -> Desired:
        return planning.parse(resource)

    def observe(self, key: Key, desired: Desired, observed: Observed | None, force: bool) -> Observed:
        return replace(observed or Observed(pause=self.refused_seconds), force=force)

    def plan(self, desired: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(desired, observed, self.context.now())

    def is_refused(self, key: Key) -> bool:
        return key in self._waiting

    def forget(self, key: Key) -> None:
        super().forget(key)
        self._waiting.discard(key)

    def requeue_after(self, key: Key, desired: Desired, observed: Observed) -> float | None:
        super().requeue_after(key, desired, observed)
        self._waiting.discard(key)
        if desired.paused or desired.deleting or desired.fault:
            return None
        moment = planning.retry(desired, observed)
        if moment is None or (planning.current(desired, observed) and not planning.was_interrupted(desired, observed)):
            moment = planning.due(desired, observed)
        else:
            self._waiting.add(key)
        return max(1.0, (moment - self.context.now()).total_seconds()) if moment else None

    async def execute(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        try:
            match action:
                case planning.Fetch():
                    return await self._fetch(desired, observed)
                case planning.Load():
                    return await self._load(key, resource, desired, desired.spec, observed)
                case planning.Remove(policy):
                    params = {"owner": str(desired.uid), "policy": policy}
                    await self.geo.call("DELETE", _path(desired), params=params, seconds=GEO_SECONDS)
                    return replace(observed, removed=True)
        except ServiceUnavailable as error:
            return replace(observed, unreachable=str(error), force=False)
        except RequestRejected as error:
            return replace(observed, unreachable=f"geo answered {error.status}: {error}", force=False)
        raise AssertionError(action)

    async def _fetch(self, desired: Desired, observed: Observed) -> Observed:
        # All rows are read when the services are told anew, else only what is noted of them.
        stored = await self._stored(desired, verify=observed.force)
        return replace(observed, stored=stored, edition=await self._edition(desired))

    async def _stored(self, desired: Desired, *, verify: bool) -> DatasetState | None:
        try:
            answer = await self.geo.call("GET", _path(desired), params={"verify": verify}, seconds=GEO_SECONDS)
        except RequestRejected as error:
            if error.status != 404:
                raise
            return None
        return DatasetState.model_validate(answer)

    async def _edition(self, desired: Desired) -> str:
        """Return the edition of a ConfigMap; an address would have to be read for it."""
        assert desired.spec is not None
        if desired.spec.source.config_map is None:
            return ""
        try:
            return hashlib.sha256(await self._config_map(desired, desired.spec)).hexdigest()
        except _LoadFailed:
            return "absent"

    async def _load(
        self, key: Key, resource: Resource, desired: Desired, spec: GeoDatasetSpec | None, observed: Observed
    ) -> Observed:
        assert spec is not None
        drifted = isinstance(observed.stored, DatasetState) and observed.stored.intact is False
        attempt = planning.begin(desired, observed.edition, self.context.now())
        try:
            async with self._loading, self._source(desired, spec) as source:
                attempt = attempt.model_copy(update={"edition": source.edition})
                await self._save_attempt(key, resource, desired, observed, attempt)
                body, skipped = await self._body(spec, source)
            await self._upload(desired, source, body)
        except _LoadFailed as error:
            return self._fail_attempt(key, observed, attempt, error)
        except (ServiceUnavailable, RequestRejected) as error:
            message = f"geo answered {error.status}: {error}" if isinstance(error, RequestRejected) else str(error)
            return replace(observed, unreachable=message, attempt=self._end_attempt(attempt, UNTOLD), force=False)
        except (RetryLater, Gone):
            raise
        except Exception as error:
            log.exception("dataset_not_read", key=str(key))
            telemetry.report(error)
            return self._fail_attempt(key, observed, attempt, _LoadFailed(*internal_error()))
        LOADS.labels("loaded").inc()
        if drifted:
            self.publish_event(resource, planning.DRIFT)
        log.info("dataset_told", key=str(key), generation=desired.generation)
        stored = await self._stored(desired, verify=False)
        edition = source.edition if spec.source.config_map else ""
        done = self._end_attempt(attempt, LOADED)
        return replace(observed, stored=stored, edition=edition, attempt=done, skipped=skipped, force=False)

    async def _save_attempt(
        self, key: Key, resource: Resource, desired: Desired, observed: Observed, attempt: Attempt
    ) -> None:
        """Write down that an attempt begins: should it end this process, the next one knows."""
        begun = attempt.model_dump(mode="json", by_alias=True, exclude_none=True)
        await self._execute(key, resource, desired, observed, WriteStatus(desired.status | Status(lastAttempt=begun)))

    def _end_attempt(self, attempt: Attempt, outcome: str, message: str | None = None) -> Attempt:
        ended = {"outcome": outcome, "message": message, "finished_at": stamp(self.context.now())}
        return attempt.model_copy(update=ended | ({"count": 0} if outcome == LOADED else {}))

    def _fail_attempt(self, key: Key, observed: Observed, attempt: Attempt, error: _LoadFailed) -> Observed:
        LOADS.labels("failed").inc()
        log.info("dataset_failed", key=str(key), reason=error.reason, message=str(error))
        return replace(observed, attempt=self._end_attempt(attempt, error.reason, str(error)[:_MESSAGE]), force=False)

    async def _body(self, spec: GeoDatasetSpec, source: _Source) -> tuple[bytes, int]:
        """Return the dataset in geo's words, and how many rows were left out. Raises _LoadFailed."""
        if spec.source.sha256 and spec.source.sha256 != source.sha256:
            message = f"The data hashes to {source.sha256}, spec.source.sha256 says {spec.source.sha256}."
            raise _LoadFailed("ChecksumMismatch", message)
        kind = spec.type.lower()
        mapping = spec.mapping.model_dump(by_alias=True, exclude_none=True) if spec.mapping else {}
        level = (spec.level or "district") if kind == "districts" else ""
        with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".features") as out:
            job = reading.Job(str(source.file), out.name, _FORMS[spec.format], kind, spec.city, level, mapping)
            try:
                skipped = await reading.read(job, memory_mb=self.memory_mb)
            except reading.Failed as error:
                raise _LoadFailed(error.reason, str(error)) from error
            return await asyncio.to_thread(Path(out.name).read_bytes), skipped

    async def _upload(self, desired: Desired, source: _Source, body: bytes) -> None:
        params = {"owner": str(desired.uid), "generation": desired.generation, "source": source.edition}
        headers = {"Content-Type": "application/json"}
        try:
            await self.geo.call(
                "PUT", _path(desired), params=params, content=body, headers=headers, seconds=GEO_SECONDS
            )
        except RequestRejected as error:
            if error.status not in (400, 413, 422) and error.slug not in _REASONS:
                raise
            wrong = "; ".join(str(fault.get("message")) for fault in error.errors[:_REPORTED])
            raise _LoadFailed(_REASONS.get(error.slug, "InvalidData"), wrong or str(error)) from error

    @contextlib.asynccontextmanager
    async def _source(self, desired: Desired, spec: GeoDatasetSpec) -> AsyncIterator[_Source]:
        """Yield the source as a file that goes afterwards. Raises _LoadFailed, or RetryLater."""
        if spec.source.config_map is not None:
            raw = await self._config_map(desired, spec)
            with tempfile.NamedTemporaryFile(prefix="mesto-", suffix=".config") as file:
                file.write(raw)
                file.flush()
                digest = hashlib.sha256(raw).hexdigest()
                yield _Source(Path(file.name), digest, digest)
            return
        assert spec.source.url is not None
        try:
            private = await self.context.cluster.allows_private(desired.namespace)
        except Gone as error:
            raise RetryLater("the namespace is gone") from error
        try:
            async with downloads.download(spec.source.url, private=private) as found:
                yield _Source(found.file, found.sha256, found.edition)
        except downloads.DownloadRejected as error:
            raise _LoadFailed("SourceRefused", str(error)) from error
        except downloads.DownloadFailed as error:
            raise _LoadFailed("SourceUnreachable", str(error)) from error

    async def _config_map(self, desired: Desired, spec: GeoDatasetSpec) -> bytes:
        """Return the bytes of a key. Raises _LoadFailed."""
        place = spec.source.config_map
        assert place is not None
        try:
            found = await self.context.cluster.config_map(desired.namespace, place.name)
        except Gone as error:
            message = f'There is no ConfigMap "{place.name}" in the namespace {desired.namespace}.'
            raise _LoadFailed("SourceNotFound", message) from error
        text, binary = (found.get("data") or {}).get(place.key), (found.get("binaryData") or {}).get(place.key)
        if text is None and binary is None:
            keys = ", ".join(sorted([*(found.get("data") or {}), *(found.get("binaryData") or {})])) or "none"
            message = f'The ConfigMap "{place.name}" has no key "{place.key}". Its keys: {keys}.'
            raise _LoadFailed("SourceNotFound", message)
        return text.encode() if text is not None else base64.b64decode(binary or "")


def _path(desired: Desired) -> str:
    return f"/internal/datasets/{desired.dataset}"
