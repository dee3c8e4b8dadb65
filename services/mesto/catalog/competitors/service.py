"""Competitors' offers: a run brings them batch by batch, its good end shows them all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from mesto.catalog.competitors import store
from mesto.catalog.competitors.records import ScrapeRun, ShownOffer, Target
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, not_found
from mesto.common.http.pages import decode_cursor, encode_cursor, wrong_cursor
from mesto.common.sentences import count
from mesto.contracts.offers import OfferBatch, Run, RunEnd, RunStart, TargetState
from sqlalchemy.ext.asyncio import AsyncConnection


class Offers:
    """Takes runs in and answers what they found. Every change of a target happens under the lock of its row."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def begin(self, run_id: str, body: RunStart) -> Run:
        """Begin a run; the same again changes nothing. Raises Problem 409 for a deleted or another target."""
        async with self.database.transaction() as connection:
            target = await store.upsert_target(connection, body.target, body.namespace, body.name)
            if target.deleted:
                raise _deleted()
            await store.insert_run(connection, run_id, body.target, body.started_at)
            run = await store.find_run(connection, run_id)
            if run is None:
                raise Problem(409, "stale-run", "The run began before all that are remembered of its target.")
            if run.target != body.target:
                raise Problem(409, "run-conflict", "This run is one of another target.")
            return _run(run, target.shown_run)

    async def replace_batch(self, run_id: str, batch: int, body: OfferBatch) -> None:
        """Store a batch of a run that has not ended. Raises Problem 404 or 409."""
        async with self.database.transaction() as connection:
            target, run = await self._locked(connection, run_id)
            if target.deleted:
                raise _deleted()
            if run.outcome != "running":
                raise Problem(409, "run-ended", "The run has ended; it takes no more offers.")
            await store.replace_batch(connection, target.uid, run_id, batch, body.items)

    async def finish(self, run_id: str, body: RunEnd) -> Run:
        """End a run and, when it went well, show its offers instead of those before.

        The first end counts: another one changes nothing. Raises Problem 404, or 409 when the target was deleted or not
        all offers have come.
        """
        async with self.database.transaction() as connection:
            target, run = await self._locked(connection, run_id)
            if run.outcome != "running":
                return _run(run, target.shown_run)
            if target.deleted:
                raise _deleted()
            shown = target.shown_run
            if body.outcome == "succeeded":
                shown = await self._show(connection, target, run, body.items)
            else:
                await store.delete_offers(connection, target.uid, run_id)
            coverage = body.coverage.model_dump() if body.coverage else None
            await store.finish_run(connection, run_id, {**body.model_dump(exclude={"coverage"}), "coverage": coverage})
            ended = await store.find_run(connection, run_id)
            assert ended is not None
            return _run(ended, shown)

    async def _locked(self, connection: AsyncConnection, run_id: str) -> tuple[Target, ScrapeRun]:
        """Return the target, locked, and the run."""
        run = await store.find_run(connection, run_id)
        target = await store.lock_target(connection, run.target) if run else None
        # Once more: it may have ended while we waited.
        run = await store.find_run(connection, run_id)
        if run is None or target is None:
            raise not_found("This run")
        return target, run

    async def _show(self, connection: AsyncConnection, target: Target, run: ScrapeRun, expected: int) -> str:
        """Put a run's offers in the place of those that are shown; return the run that then is shown."""
        stored = await store.count_offers(connection, target.uid, run.id)
        if stored != expected:
            raise Problem(
                409,
                "offers-missing",
                f"{count(expected, 'offer was', 'offers were')} found, {stored} of them came: send the rest.",
            )
        before = await store.find_run(connection, target.shown_run) if target.shown_run else None
        if before is not None and (before.started_at, before.id) > (run.started_at, run.id):
            # A later run was quicker, and what it saw is newer.
            await store.delete_offers(connection, target.uid, run.id)
            return before.id
        await store.set_shown_run(connection, target.uid, run.id)
        await store.delete_older_offers(connection, target.uid, run)
        return run.id

    async def remove(self, uid: UUID, mode: Literal["retain", "delete"]) -> None:
        """Remove a target whose resource is gone; its shown offers go or stay. Either way no run goes on."""
        async with self.database.transaction() as connection:
            if await store.lock_target(connection, uid) is None:
                return
            if mode == "delete":
                await store.delete_runs(connection, uid)
                await store.set_shown_run(connection, uid, None)
            await store.mark_deleted(connection, uid)

    async def state(self, uid: UUID) -> TargetState:
        """Return a target with its runs. Raises Problem 404 before its first run."""
        async with self.database.read() as connection:
            target = await store.find_target(connection, uid)
            if target is None:
                raise not_found("This target")
            runs = await store.list_runs(connection, uid)
            shown = await store.count_offers(connection, uid, target.shown_run) if target.shown_run else 0
        return TargetState(
            uid=uid,
            namespace=target.namespace,
            name=target.name,
            gone=target.deleted,
            offers=shown,
            runs=[_run(run, target.shown_run) for run in runs],
        )

    async def page(
        self, city: str | None, namespace: str | None, target: str | None, cursor: str, limit: int
    ) -> tuple[Sequence[ShownOffer], str | None]:
        """Return a page of shown offers and the next cursor. Raises Problem 422 for a cursor that is none of ours."""
        after = _after(cursor) if cursor else None
        async with self.database.read() as connection:
            offers = await store.list_shown(connection, city, (namespace, target), after, limit + 1)
        if len(offers) <= limit:
            return offers, None
        offers = offers[:limit]
        return offers, encode_cursor([str(offers[-1].target), offers[-1].position])


def _deleted() -> Problem:
    return Problem(409, "target-gone", "The target was deleted; nothing more is taken from its runs.")


def _after(cursor: str) -> tuple[UUID, int]:
    uid, position = decode_cursor(cursor, 2)
    try:
        if isinstance(position, int) and 0 <= position < 2**31:
            return UUID(uid), position
    except (ValueError, TypeError, AttributeError):
        pass
    raise wrong_cursor()


def _run(run: ScrapeRun, shown: str | None) -> Run:
    return Run.model_validate({**vars(run), "shown": run.id == shown})
