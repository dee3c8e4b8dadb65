"""Competitors' offers: a run brings them batch by batch, its good end shows them all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from mesto.catalog.competitors import store
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, not_found
from mesto.common.http.pages import decode_cursor, encode_cursor, wrong_cursor
from mesto.common.sentences import count
from mesto.contracts.offers import OfferBatch, Run, RunEnd, RunStart, TargetState
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection


class Offers:
    """Takes runs in and answers what they found. Every change of a target happens under the lock of its row."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def begin(self, run_id: str, body: RunStart) -> Run:
        """Begin a run; the same again changes nothing. Raises Problem 409 for a deleted or another target."""
        async with self.database.transaction() as connection:
            target = await store.put_target(connection, body.target, body.namespace, body.name)
            if target.gone:
                raise _gone()
            columns = {"id": run_id, "target": body.target, "started_at": body.started_at}
            await store.insert_run(connection, columns)
            row = await store.run(connection, run_id)
            if row is None:
                raise Problem(409, "stale-run", "The run began before all that are remembered of its target.")
            if row.target != body.target:
                raise Problem(409, "run-conflict", "This run is one of another target.")
            return _run(row, target.shown_run)

    async def take(self, run_id: str, batch: int, body: OfferBatch) -> None:
        """Store a batch of a run that has not ended. Raises Problem 404 or 409."""
        async with self.database.transaction() as connection:
            target, row = await self._locked(connection, run_id)
            if target.gone:
                raise _gone()
            if row.outcome != "running":
                raise Problem(409, "run-ended", "The run has ended; it takes no more offers.")
            await store.put_batch(connection, target.uid, run_id, batch, body.items)

    async def finish(self, run_id: str, body: RunEnd) -> Run:
        """End a run and, when it went well, show its offers instead of those before.

        The first end counts: another one changes nothing. Raises Problem 404, or 409 when the target was deleted or not
        all offers have come.
        """
        async with self.database.transaction() as connection:
            target, row = await self._locked(connection, run_id)
            if row.outcome != "running":
                return _run(row, target.shown_run)
            if target.gone:
                raise _gone()
            if body.outcome == "succeeded":
                shown = await self._show(connection, target, row, body.items)
            else:
                shown = target.shown_run
                await store.drop_offers(connection, target.uid, run_id)
            columns = body.model_dump(exclude={"coverage"})
            columns["coverage"] = body.coverage.model_dump() if body.coverage else None
            await store.finish_run(connection, run_id, columns)
            ended = await store.run(connection, run_id)
            assert ended is not None
            return _run(ended, shown)

    async def _locked(self, connection: AsyncConnection, run_id: str) -> tuple[Row[Any], Row[Any]]:
        """The run and its target, the latter locked."""
        row = await store.run(connection, run_id)
        target = await store.lock_target(connection, row.target) if row else None
        # Once more: it may have ended while we waited.
        row = await store.run(connection, run_id)
        if row is None or target is None:
            raise not_found("This run")
        return target, row

    async def _show(self, connection: AsyncConnection, target: Row[Any], row: Row[Any], expected: int) -> str:
        """Put a run's offers in the place of those that are shown; the run that then is shown."""
        stored = await store.count(connection, target.uid, row.id)
        if stored != expected:
            raise Problem(
                409,
                "offers-missing",
                f"{count(expected, 'offer was', 'offers were')} found, {stored} of them came: send the rest.",
            )
        before = await store.run(connection, target.shown_run) if target.shown_run else None
        if before is not None and (before.started_at, before.id) > (row.started_at, row.id):
            # A later run was quicker, and what it saw is newer.
            await store.drop_offers(connection, target.uid, row.id)
            return str(before.id)
        await store.change_target(connection, target.uid, {"shown_run": row.id})
        await store.drop_others(connection, target.uid, row)
        return str(row.id)

    async def remove(self, uid: UUID, mode: Literal["retain", "delete"]) -> None:
        """The resource is gone: remove its runs and offers, or keep the shown ones. Either way no run goes on."""
        async with self.database.transaction() as connection:
            if await store.lock_target(connection, uid) is None:
                return
            gone: dict[str, Any] = {"gone": True}
            if mode == "delete":
                await store.drop_runs(connection, uid)
                gone["shown_run"] = None
            await store.change_target(connection, uid, gone)

    async def state(self, uid: UUID) -> TargetState:
        """A target with its runs. Raises Problem 404 before its first run."""
        async with self.database.read() as connection:
            target = await store.target(connection, uid)
            if target is None:
                raise not_found("This target")
            runs = await store.runs(connection, uid)
            shown = await store.count(connection, uid, target.shown_run) if target.shown_run else 0
        return TargetState(
            uid=uid,
            namespace=target.namespace,
            name=target.name,
            gone=target.gone,
            offers=shown,
            runs=[_run(row, target.shown_run) for row in runs],
        )

    async def page(
        self, city: str | None, namespace: str | None, target: str | None, cursor: str, limit: int
    ) -> tuple[Sequence[Row[Any]], str | None]:
        """A page of shown offers and the next cursor. Raises Problem 422 for a cursor that is none of ours."""
        after = _after(cursor) if cursor else None
        async with self.database.read() as connection:
            rows = await store.shown(connection, city, (namespace, target), after, limit + 1)
        if len(rows) <= limit:
            return rows, None
        rows = rows[:limit]
        return rows, encode_cursor([str(rows[-1].target), rows[-1].position])


def _gone() -> Problem:
    return Problem(409, "target-gone", "The target was deleted; nothing more is taken from its runs.")


def _after(cursor: str) -> tuple[UUID, int]:
    uid, position = decode_cursor(cursor, 2)
    try:
        if isinstance(position, int) and 0 <= position < 2**31:
            return UUID(uid), position
    except (ValueError, TypeError, AttributeError):
        pass
    raise wrong_cursor()


def _run(row: Row[Any], shown: str | None) -> Run:
    return Run(
        id=row.id,
        target=row.target,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        message=row.message,
        items=row.items,
        pages=row.pages,
        coverage=row.coverage,
        shown=row.id == shown,
    )
