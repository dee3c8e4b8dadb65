"""An owner's snapshot as its consumers read it: over its internal API, patiently."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from mesto.common.http.internal_client import InternalClient, ServiceUnavailable
from mesto.common.settings import CommonSettings
from mesto.contracts.events import Event
from mesto.contracts.snapshots import MAX_IDS, SnapshotPage
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

PATIENCE_SECONDS = 60
"""An owner that restarts must not end a rebuild."""
PAGE = 500


class Source:
    """One kind of fact of one owner. ``call`` as ``InternalClient.call``."""

    def __init__(self, call: Callable[..., Awaitable[object]], facts: str) -> None:
        self._call, self._path = call, f"/internal/snapshot/{facts}"

    async def _get(self, **params: object) -> SnapshotPage:
        patient = AsyncRetrying(
            retry=retry_if_exception_type(ServiceUnavailable),
            stop=stop_after_delay(PATIENCE_SECONDS),
            wait=wait_exponential(0.2, max=2),
            reraise=True,
        )
        async for attempt in patient:
            with attempt:
                answer = await self._call("GET", self._path, params=params)
        return SnapshotPage.model_validate(answer)

    async def pages(self) -> AsyncIterator[tuple[list[Event], bool]]:
        """Yield all facts in order of their keys, a page at a time, and whether it is the last page."""
        cursor: str | None = ""
        while cursor is not None:
            page = await self._get(cursor=cursor, limit=PAGE)
            cursor = page.next_cursor
            yield [item.event() for item in page.items], cursor is None

    async def some(self, ids: Sequence[str]) -> list[Event]:
        """Return facts by id; those that the owner does not know are left out."""
        assert len(ids) <= MAX_IDS
        return [item.event() for item in (await self._get(id=list(ids))).items]


class Sources:
    """The owners that one service learns from; connections are made with the first question."""

    def __init__(self, settings: CommonSettings, caller: str) -> None:
        self.settings, self.caller = settings, caller
        self._clients: dict[str, InternalClient] = {}

    def facts(self, owner: str, name: str) -> Source:
        """Return the source of one kind of fact."""

        async def call(method: str, path: str, *, params: Mapping[str, object]) -> object:
            if owner not in self._clients:
                self._clients[owner] = InternalClient(self.settings, self.caller, owner, connections=2)
            return await self._clients[owner].call(method, path, params=params)

        return Source(call, name)
