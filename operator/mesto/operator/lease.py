"""Which of several operators works: the holder of a Lease, as client-go's leader election has it.

The holder renews before its own deadline passes; another takes the Lease only after it has seen it unchanged for its
whole duration. Both count by clocks of their own, so the machines' clocks may differ. The deadline (10 s) ends before
the duration (15 s), and it counts from before the request that renewed, so two never work at once.

kubernetes.aio.leaderelection is not used: its requests have no timeout, an error of the network ends it, it compares
wall clocks, and it writes local time as UTC.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog
from mesto.operator.cluster import Gone
from mesto.operator.objects import LeaseObject, LeaseSpec
from mesto.operator.queue import RetryLater
from prometheus_client import Gauge

log = structlog.get_logger(__name__)
LEADING = Gauge("mesto_operator_leading", "1 while this process holds the Lease and works, 0 while it stands by")
DURATION, DEADLINE, RETRY = 15.0, 10.0, 2.0


class LeaseLost(Exception):
    """Another holds the Lease, or it could not be renewed in time: this process must not work any more."""


class Store(Protocol):
    """Reading and writing a Lease; ``Cluster`` is one."""

    async def lease(self, namespace: str, name: str) -> LeaseObject:
        """Return the Lease as it is stored. Raises Gone, or RetryLater."""
        ...

    async def replace_lease(self, lease: LeaseObject) -> LeaseObject:
        """Create it, or replace the version that it names. Raises Stale when that is not the newest, or RetryLater."""
        ...


@dataclass(frozen=True)
class _Seen:
    """A version of the Lease, and when this process saw it first by its own clock."""

    version: str
    at: float


class Lease:
    """``identity`` must differ between processes that run at once, and stay for one started anew in another's place."""

    def __init__(
        self,
        store: Store,
        namespace: str,
        name: str,
        identity: str,
        *,
        duration: float = DURATION,
        deadline: float = DEADLINE,
        retry: float = RETRY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._namespace, self._name, self._identity = store, namespace, name, identity
        self._duration, self._deadline, self._retry, self._clock = duration, deadline, retry, clock
        self._until = 0.0
        self._seen: _Seen | None = None
        self.failure = ""

    @property
    def held(self) -> bool:
        """Whether this process may work now. It is no more than a look at the clock: ask before each write."""
        return self._clock() < self._until

    async def lead(self, work: Callable[[], Coroutine[object, None, None]]) -> None:
        """Wait for the Lease, then ``work`` while it is held.

        Raises LeaseLost when it is not, or what ``work`` raises.
        """
        LEADING.set(0)
        while True:
            if await self._acquire_or_renew():
                break
            await asyncio.sleep(self._retry)
        log.info("lease_acquired", lease=self._name, holder=self._identity)
        LEADING.set(1)
        try:
            async with asyncio.TaskGroup() as group:
                working = group.create_task(work())
                renewing = group.create_task(self._renew())
                await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
                renewing.cancel()
        except* LeaseLost as lost:
            raise LeaseLost(str(lost.exceptions[0])) from None
        finally:
            LEADING.set(0)
            await self._release()

    async def _renew(self) -> None:
        """Renew every few seconds, until that has failed for too long. Raises LeaseLost."""
        while True:
            await asyncio.sleep(self._deadline / 3)
            while not await self._acquire_or_renew():
                if not self.held:
                    raise LeaseLost(self.failure)
                await asyncio.sleep(min(self._retry, max(0.05, self._until - self._clock())))

    async def _acquire_or_renew(self) -> bool:
        """Take or renew the Lease; return whether it is ours now."""
        begun = self._clock()
        try:
            async with asyncio.timeout(self._deadline / 2):
                taken = await self._write_if_ours(begun)
        except (RetryLater, Gone, TimeoutError) as error:  # Stale too: another was quicker
            self.failure = str(error) or repr(error)
            return False
        if taken:
            self._until, self.failure = begun + self._deadline, ""
        return taken

    async def _write_if_ours(self, begun: float) -> bool:
        try:
            lease = await self._store.lease(self._namespace, self._name)
        except Gone:
            lease = {"metadata": {"namespace": self._namespace, "name": self._name}}
        spec = lease.get("spec") or LeaseSpec()
        holder = spec.get("holderIdentity") or ""
        if holder not in ("", self._identity) and not self._expired(lease, spec, begun):
            self.failure = f"{holder} holds the Lease"
            self._until = 0.0
            return False
        await self._store.replace_lease(lease | {"spec": self._spec(spec, holder)})
        return True

    def _expired(self, lease: LeaseObject, spec: LeaseSpec, now: float) -> bool:
        version = lease["metadata"]["resourceVersion"]
        if self._seen is None or self._seen.version != version:
            self._seen = _Seen(version, now)
        return now - self._seen.at >= float(spec.get("leaseDurationSeconds") or self._duration)

    def _spec(self, before: LeaseSpec, holder: str) -> LeaseSpec:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        ours = holder == self._identity
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": max(1, round(self._duration)),
            "renewTime": now,
            "acquireTime": before.get("acquireTime") or now if ours else now,
            "leaseTransitions": (before.get("leaseTransitions") or 0) + (0 if ours else 1),
        }

    async def _release(self) -> None:
        """Let the next one begin at once; when that fails it waits for the duration."""
        if not self.held:
            return
        self._until = 0.0
        try:
            async with asyncio.timeout(self._retry):
                lease = await self._store.lease(self._namespace, self._name)
                spec = lease.get("spec") or LeaseSpec()
                if spec.get("holderIdentity") == self._identity:
                    await self._store.replace_lease(lease | {"spec": spec | {"holderIdentity": None}})
                    log.info("lease_released", lease=self._name)
        except (RetryLater, Gone, TimeoutError) as error:
            log.warning("lease_not_released", lease=self._name, error=str(error) or repr(error))
