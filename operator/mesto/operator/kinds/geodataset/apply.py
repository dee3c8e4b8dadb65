"""Taking the steps that ``plan`` asks for: reading sources, telling geo."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass, replace

import orjson
import structlog
from mesto.common.clients import InternalClient, Unreachable
from mesto.common.clients import Refused as GeoRefused
from mesto.contracts.datasets import DatasetState
from mesto.operator import outside
from mesto.operator.cache import Key, Resource
from mesto.operator.cluster import Gone
from mesto.operator.controller import Controller, Tools
from mesto.operator.kinds.geodataset import plan as planning
from mesto.operator.kinds.geodataset.features import features
from mesto.operator.kinds.geodataset.plan import Desired, Failure, Observed
from mesto.operator.kinds.geodataset.rows import MAX_BYTES, Form, Unreadable, parse
from mesto.operator.kinds.geodataset.spec import KIND, GeoDatasetSpec
from mesto.operator.queue import Later
from prometheus_client import Counter

log = structlog.get_logger(__name__)
LOADS = Counter("mesto_operator_datasets_total", "Attempts to load a GeoDataset", ["outcome"])
GEO_SECONDS = 120.0
"""Until geo must have answered: a large dataset is checked, stored, and the city's spaces placed anew."""
_FORMS: dict[str, Form] = {"GeoJSON": "json", "JSON": "json", "CSV": "csv", "GTFS": "gtfs"}
_REASONS = {"unknown-city": "UnknownCity"}
_REPORTED = 5
_MOST_PAUSES = 30


class _Failed(Exception):
    """Why a dataset was not loaded: a stable reason and a sentence."""

    def __init__(self, reason: str, message: str, edition: str = "") -> None:
        super().__init__(message)
        self.reason, self.edition = reason, edition


@dataclass(frozen=True)
class _Source:
    raw: bytes
    sha256: str
    edition: str


class Datasets(Controller[Desired, Observed]):
    """GeoDatasets. ``refused_seconds`` is how long a first failure stands before the source is read again.

    The pause doubles with each failure in a row: what is read may be large, and belongs to somebody. One source is read
    at a time: each may be 64 MiB, and a few times that while it is parsed.
    """

    kind = KIND
    finalizer = planning.FINALIZER

    def __init__(self, tools: Tools, geo: InternalClient, refused_seconds: float) -> None:
        super().__init__(tools)
        self.geo, self.refused_seconds = geo, refused_seconds
        self.failures: dict[Key, Failure] = {}
        self._one = asyncio.Lock()

    def forget(self, key: Key) -> None:
        super().forget(key)
        self.failures.pop(key, None)

    def desired(self, resource: Resource) -> Desired:
        return planning.desired(resource)

    def observe(self, key: Key, wanted: Desired, observed: Observed | None, force: bool) -> Observed:
        return replace(observed or Observed(), failure=self.failures.get(key), force=force)

    def plan(self, wanted: Desired, observed: Observed) -> planning.Action | None:
        return planning.plan(wanted, observed, self.tools.now())

    def later(self, key: Key, wanted: Desired, observed: Observed) -> float | None:
        super().later(key, wanted, observed)
        failure = self.failures.get(key)
        if failure is not None and not planning.current(wanted, observed):
            self.forced.add(key)  # the next pass tries again
            return self.refused_seconds * min(2 ** (failure.count - 1), _MOST_PAUSES)
        moment = None if wanted.paused or wanted.deleting else planning.due(wanted, observed)
        return max(1.0, (moment - self.tools.now()).total_seconds()) if moment else None

    async def take(
        self, key: Key, resource: Resource, wanted: Desired, observed: Observed, action: planning.Action
    ) -> Observed:
        try:
            match action:
                case planning.Look():
                    return await self._look(wanted, observed)
                case planning.Load():
                    return await self._load(key, resource, wanted, observed)
                case planning.Remove(policy):
                    params = {"owner": str(wanted.uid), "policy": policy}
                    await self.geo.call("DELETE", _path(wanted), params=params, seconds=GEO_SECONDS)
                    return replace(observed, removed=True)
        except Unreachable as error:
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
            return (await self._source(wanted, wanted.spec)).edition
        except _Failed as error:
            return error.edition or "absent"

    async def _load(self, key: Key, resource: Resource, wanted: Desired, observed: Observed) -> Observed:
        assert wanted.spec is not None
        drifted = isinstance(observed.stored, DatasetState) and observed.stored.intact is False
        try:
            async with self._one:
                source = await self._source(wanted, wanted.spec)
                body = await asyncio.to_thread(_body, wanted.spec, source)
            await self._tell_geo(wanted, source, body)
        except _Failed as error:
            LOADS.labels("failed").inc()
            log.info("dataset_failed", key=str(key), reason=error.reason, message=str(error))
            before, edition = self.failures.get(key), error.edition or observed.edition
            count = 1 + (before.count if before and before.generation == wanted.generation else 0)
            now = self.tools.now()
            self.failures[key] = Failure(wanted.generation, error.reason, str(error), now, edition, count)
            return replace(observed, loaded=True, force=False)
        LOADS.labels("loaded").inc()
        self.failures.pop(key, None)
        if drifted:
            self.tell(resource, planning.DRIFT)
        log.info("dataset_told", key=str(key), generation=wanted.generation)
        stored = await self._stored(wanted, verify=False)
        edition = source.edition if wanted.spec.source.config_map else ""
        return replace(observed, stored=stored, edition=edition, loaded=True, force=False)

    async def _tell_geo(self, wanted: Desired, source: _Source, body: bytes) -> None:
        params = {"owner": str(wanted.uid), "generation": wanted.generation, "source": source.edition}
        headers = {"Content-Type": "application/json"}
        try:
            await self.geo.call("PUT", _path(wanted), params=params, content=body, headers=headers, seconds=GEO_SECONDS)
        except GeoRefused as error:
            if error.status not in (400, 413, 422):
                raise
            wrong = "; ".join(str(one.get("message")) for one in (error.body.get("errors") or [])[:_REPORTED])
            raise _Failed(_REASONS.get(error.slug, "InvalidData"), wrong or str(error), source.edition) from error

    async def _source(self, wanted: Desired, spec: GeoDatasetSpec) -> _Source:
        source = await (self._config_map(wanted, spec) if spec.source.config_map else self._address(wanted, spec))
        if spec.source.sha256 and spec.source.sha256 != source.sha256:
            message = f"The data hashes to {source.sha256}, spec.source.sha256 says {spec.source.sha256}."
            raise _Failed("ChecksumMismatch", message, source.edition)
        return source

    async def _config_map(self, wanted: Desired, spec: GeoDatasetSpec) -> _Source:
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
        raw = text.encode() if text is not None else base64.b64decode(binary or "")
        digest = hashlib.sha256(raw).hexdigest()
        return _Source(raw, digest, digest)

    async def _address(self, wanted: Desired, spec: GeoDatasetSpec) -> _Source:
        assert spec.source.url is not None
        try:
            private = await self.tools.cluster.allows_private(wanted.namespace)
            async with outside.download(spec.source.url, private=private) as found:
                raw = await asyncio.to_thread(found.file.read_bytes)
                return _Source(raw, found.sha256, found.edition)
        except outside.Refused as error:
            raise _Failed("SourceRefused", str(error)) from error
        except outside.Unreachable as error:
            raise _Failed("SourceUnreachable", str(error)) from error
        except Gone as error:
            raise Later("the namespace is gone") from error


def _path(wanted: Desired) -> str:
    return f"/internal/datasets/{wanted.dataset}"


def _body(spec: GeoDatasetSpec, source: _Source) -> bytes:
    """The dataset in geo's words. Raises _Failed."""
    kind, label = spec.type.lower(), "the source"
    mapping = spec.mapping.model_dump(by_alias=True, exclude_none=True) if spec.mapping else {}
    try:
        rows = parse(_plain(source.raw), _FORMS[spec.format], label)
        good, bad = features(rows, kind, mapping, label)
    except Unreadable as error:
        raise _Failed("InvalidData", str(error), source.edition) from error
    if bad:
        more = f"; and {len(bad) - _REPORTED} more" if len(bad) > _REPORTED else ""
        raise _Failed("InvalidData", "; ".join(bad[:_REPORTED]) + more, source.edition)
    level = {"level": spec.level or "district"} if kind == "districts" else {}
    return orjson.dumps({"type": kind, "city": spec.city, "features": good} | level)


def _plain(raw: bytes) -> bytes:
    """Unpacked when it is gzip. Raises Unreadable."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            plain = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"the source is not whole gzip: {error}") from error
    if len(plain) > MAX_BYTES:
        raise Unreadable(f"the source is larger than {MAX_BYTES >> 20} MiB unpacked")
    return plain
