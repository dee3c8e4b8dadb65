"""Projections against their owners' snapshots: compared by revision and content, and put right by force.

An owner publishes nothing before it has committed it. So whoever reads the projection first and asks the owner
afterwards knows: a projection that is ahead of the owner, or differs at the same revision, is wrong and not late.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog
from mesto.common.consistency.checks import Check, Discrepancy, Examined
from mesto.common.consistency.sources import Source
from mesto.common.database.engine import Database
from mesto.contracts.events import Event
from mesto.contracts.snapshots import MAX_IDS
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
K = TypeVar("K")
LOCAL_PAGE = 1000
ROUNDS = 5
LATE = frozenset({"missing", "behind"})


@dataclass(frozen=True)
class State:
    """What a projection has, or should have. No ``values``: a tombstone, or nothing learned yet."""

    revision: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Span(Generic[K]):
    """Which rows: these keys, or all after one and up to another (None: no bound)."""

    keys: Sequence[K] | None = None
    after: K | None = None
    until: K | None = None

    def of(self, column: ColumnElement[K]) -> list[ColumnElement[bool]]:
        """Return it as conditions on the key's column."""
        if self.keys is not None:
            return [column.in_(self.keys)]
        bounds = [] if self.after is None else [column > self.after]
        return bounds if self.until is None else [*bounds, column <= self.until]


class Projection(Check, Generic[K]):
    """A projection of one kind of fact. ``needs_row`` False: facts about things that we do not have are left out.

    ``late`` names verdicts that an event in flight explains; a projection whose states change without a new revision
    adds ``wrong``.
    """

    can_repair = True
    needs_row = True
    late = LATE

    def __init__(self, database: Database, owner: Source) -> None:
        self.database, self.owner = database, owner

    @abstractmethod
    def key(self, event: Event) -> K:
        """Return what an event is about."""

    @abstractmethod
    def parse(self, text: str) -> K:
        """Return a key from its text."""

    @abstractmethod
    async def rows(self, connection: AsyncConnection, span: Span[K], limit: int) -> dict[K, State]:
        """Return our rows in order of their keys."""

    @abstractmethod
    def expected(self, event: Event, ours: State | None) -> State:
        """Return what our row should be. ``ours`` is what it is: for what is ours to choose."""

    @abstractmethod
    async def restore_row(self, key: K, seen: State | None, event: Event | None) -> bool:
        """Write what the owner says, whatever revision is there; a tombstone when it knows nothing (no event).

        In one transaction that locks the row; False, and nothing done, when the row is not as ``seen`` any more.
        A row that was not there is written as its event would write it: newer revisions win.
        """

    def verdict(self, key: K, ours: State | None, event: Event | None) -> Discrepancy | None:
        """Return what is wrong with a row; None when nothing is."""
        if event is None:
            return None if ours is None or not ours.values else self._suspect(key, "unknown")
        expected = self.expected(event, ours)
        if ours is None:
            return self._suspect(key, "missing", mark=expected.revision) if self.needs_row else None
        if ours.revision != expected.revision:
            what = "behind" if ours.revision < expected.revision else "ahead"
            return self._suspect(
                key, what, f"revision {ours.revision}, the owner's is {expected.revision}", expected.revision
            )
        if ours.values != expected.values:
            names = sorted({*ours.values, *expected.values})
            differing = [name for name in names if ours.values.get(name) != expected.values.get(name)]
            return self._suspect(key, "wrong", f"in {', '.join(differing)}", expected.revision)
        return None

    def _suspect(self, key: K, what: str, detail: str = "", mark: int = 0) -> Discrepancy:
        return Discrepancy(str(key), what, detail, sure=what not in self.late, mark=mark)

    async def examine(self) -> AsyncIterator[Examined]:
        """Compare all rows of the owner and all of ours, side by side."""
        after: K | None = None
        async for events, last in self.owner.pages():
            owned = {self.key(event): event for event in events}
            until = None if last else max(owned)  # type: ignore[type-var]
            yield Examined(len(owned))
            async for suspects in self._beside(owned, after, until):
                yield Examined(0, suspects)
            after = until

    async def _beside(
        self, owned: dict[K, Event], after: K | None, until: K | None
    ) -> AsyncIterator[list[Discrepancy]]:
        missing = dict(owned)
        while True:
            async with self.database.read() as connection:
                ours = await self.rows(connection, Span(after=after, until=until), LOCAL_PAGE)
            verdicts = [self.verdict(key, state, missing.pop(key, None)) for key, state in ours.items()]
            yield [verdict for verdict in verdicts if verdict]
            if len(ours) < LOCAL_PAGE:
                break
            after = next(reversed(ours))
        yield [verdict for verdict in (self.verdict(key, None, event) for key, event in missing.items()) if verdict]

    async def _both(self, keys: Sequence[K]) -> tuple[dict[K, State], dict[K, Event]]:
        """Read ours, then the owner's."""
        async with self.database.read() as connection:
            ours = await self.rows(connection, Span(keys=keys), len(keys))
        owned = await self.owner.some([str(key) for key in keys])
        return ours, {self.key(event): event for event in owned}

    async def recheck(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Read ours first, then the owner's; return what still differs."""
        left: list[Discrepancy] = []
        for start in range(0, len(suspects), MAX_IDS):
            batch = {self.parse(suspect.id): suspect for suspect in suspects[start : start + MAX_IDS]}
            ours, owned = await self._both(list(batch))
            for key, before in batch.items():
                now = self.verdict(key, ours.get(key), owned.get(key))
                if now is None or (not now.sure and self._moved(before, ours.get(key))):
                    continue
                # What it has to reach stays, so that a row which keeps changing is not taken for one that stands still.
                left.append(now if now.sure or not before.mark else replace(now, mark=before.mark))
        return left

    @staticmethod
    def _moved(before: Discrepancy, ours: State | None) -> bool:
        return before.what in LATE and before.mark > 0 and ours is not None and ours.revision >= before.mark

    async def repair(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Write what the owner says, unless an event was quicker; return what was wrong."""
        mended: dict[K, Discrepancy] = {}
        for start in range(0, len(suspects), MAX_IDS):
            left = [self.parse(suspect.id) for suspect in suspects[start : start + MAX_IDS]]
            for _ in range(ROUNDS):
                left = await self._repair_batch(left, mended) if left else []
            if left:
                log.warning("not_mended_yet", check=self.name, ids=[str(key) for key in left[:20]])
        return list(mended.values())

    async def _repair_batch(self, keys: Sequence[K], mended: dict[K, Discrepancy]) -> list[K]:
        """Put these right; return those that must be looked at once more."""
        ours, owned = await self._both(keys)
        again: list[K] = []
        for key in keys:
            suspect = self.verdict(key, ours.get(key), owned.get(key))
            if suspect is None:
                continue
            written = await self.restore_row(key, ours.get(key), owned.get(key))
            if written:
                mended.setdefault(key, suspect)
            # A row that was ahead may have swallowed an event of the owner meanwhile: compare once more.
            if not written or suspect.what == "ahead":
                again.append(key)
        return again
