"""Audits and rebuilds to be done, as rows: asked for by the CLI or by the night, done by the service's Celery worker.

One at a time in a service. Who does a job keeps a lease on its row; when the worker is killed the lease runs out and
the next one begins the job again, which is safe, for both kinds only compare and put right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mesto.contracts.jobs import CheckReport, Job, JobKind
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

LEASE = timedelta(seconds=30)
ATTEMPTS = 5
KEPT = timedelta(days=90)
_OPEN = "status IN ('waiting', 'running')"


def jobs_table(metadata: MetaData) -> Table:
    """Return the table of a service's jobs; call once in its tables.py."""
    return Table(
        "jobs",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("status", Text, nullable=False, server_default="waiting"),
        Column("asked_by", Text, nullable=False),
        Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("settle_seconds", Double),
        Column("started_at", DateTime(timezone=True)),
        Column("finished_at", DateTime(timezone=True)),
        # Who does it (a new id for each attempt) and until when it counts as being done.
        Column("holder", Uuid),
        Column("lease_until", DateTime(timezone=True)),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("error", Text, nullable=False, server_default=""),
        Column("checks", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
        CheckConstraint("kind IN ('audit', 'rebuild')", name="kind"),
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="status"),
        Index("uq_jobs_open", "kind", unique=True, postgresql_where=text(_OPEN)),
        Index("ix_jobs_asked_at", "kind", "asked_at"),
    )


@dataclass(frozen=True)
class Last:
    """The newest audit that was done: its reports and its end. Without one, when the first was asked for."""

    at: datetime
    checks: list[CheckReport]


class Jobs:
    """The SQL of one service's jobs."""

    def __init__(self, service: str, table: Table) -> None:
        self.service, self.table = service, table

    def _job(self, row: Row[tuple[object, ...]]) -> Job:
        return Job.model_validate({**row._mapping, "service": self.service})

    async def request_job(
        self, connection: AsyncConnection, kind: JobKind, by: str, settle_seconds: float | None = None
    ) -> Job | None:
        """Insert a new job and return it; None when one of the kind is waiting or being done."""
        statement = insert(self.table).values(id=uuid4(), kind=kind, asked_by=by, settle_seconds=settle_seconds)
        row = (await connection.execute(statement.on_conflict_do_nothing().returning(self.table))).first()
        return None if row is None else self._job(row)

    async def get(self, connection: AsyncConnection, job_id: UUID) -> Job | None:
        """Return a job, None when there is none of this id."""
        row = (await connection.execute(select(self.table).where(self.table.c.id == job_id))).first()
        return None if row is None else self._job(row)

    async def open(self, connection: AsyncConnection, kind: JobKind) -> Job | None:
        """Return the job of a kind that is waiting or being done."""
        table = self.table.c
        found = select(self.table).where(table.kind == kind, table.status.in_(("waiting", "running")))
        row = (await connection.execute(found)).first()
        return None if row is None else self._job(row)

    async def claim(self, connection: AsyncConnection) -> tuple[Job, UUID] | None:
        """Claim the job to do now; return it and the id to hold it by. None without one, or while one is being done."""
        table = self.table
        # One claim at a time, so that two workers do not begin two jobs side by side.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": self._key})
        late = table.c.lease_until < func.now()
        busy = select(table.c.id).where(table.c.status == "running", ~late)
        if (await connection.execute(busy.limit(1))).first() is not None:
            return None
        waits = (table.c.status == "waiting") | ((table.c.status == "running") & late)
        first = select(table.c.id).where(waits).order_by(table.c.asked_at).limit(1).scalar_subquery()
        holder = uuid4()
        statement = (
            update(table)
            .where(table.c.id == first)
            .values(
                status="running",
                started_at=func.coalesce(table.c.started_at, func.now()),
                holder=holder,
                lease_until=func.now() + LEASE,
                attempts=table.c.attempts + 1,
            )
        )
        row = (await connection.execute(statement.returning(table))).first()
        return None if row is None else (self._job(row), holder)

    @property
    def _key(self) -> str:
        return f"mesto.{self.service}.jobs"

    async def keep(self, connection: AsyncConnection, holder: UUID, checks: Sequence[CheckReport]) -> bool:
        """Renew the lease and show how far it is; return False when another worker has taken over."""
        values = {"lease_until": func.now() + LEASE, "checks": _plain(checks)}
        mine = (self.table.c.holder == holder) & (self.table.c.status == "running")
        done = await connection.execute(update(self.table).where(mine).values(values))
        return done.rowcount == 1

    async def give_back(self, connection: AsyncConnection, holder: UUID) -> None:
        """Give a job back undone: the next worker may begin it at once."""
        table = self.table
        mine = (table.c.holder == holder) & (table.c.status == "running")
        values = {"status": "waiting", "holder": None, "lease_until": None, "attempts": table.c.attempts - 1}
        await connection.execute(update(table).where(mine).values(values))

    async def finish(
        self, connection: AsyncConnection, holder: UUID, checks: Sequence[CheckReport] | None, error: str = ""
    ) -> None:
        """Write the result (``checks``) or why there is none, and forget jobs of long ago."""
        table = self.table
        values: dict[str, object] = {"status": "failed", "error": error[:2000]}
        if checks is not None:
            values = {"status": "done", "checks": _plain(checks)}
        mine = (table.c.holder == holder) & (table.c.status == "running")
        await connection.execute(update(table).where(mine).values(finished_at=func.now(), **values))
        old = (table.c.asked_at < func.now() - KEPT) & table.c.finished_at.is_not(None)
        await connection.execute(delete(table).where(old))

    async def last_audit(self, connection: AsyncConnection) -> Last | None:
        """Return the newest audit that was done; None when none was ever asked for."""
        table = self.table.c
        audits = select(self.table).where(table.kind == "audit")
        done = audits.where(table.status == "done").order_by(table.asked_at.desc()).limit(1)
        row = (await connection.execute(done)).first()
        if row is not None:
            return Last(row.finished_at, self._job(row).checks)
        first = (await connection.execute(audits.order_by(table.asked_at).limit(1))).first()
        return None if first is None else Last(first.asked_at, [])

    async def request_nightly_audit(self, connection: AsyncConnection, due: datetime, pause: timedelta) -> bool:
        """Ask for an audit unless one was asked for since ``due``; one that failed is repeated after ``pause``."""
        table = self.table.c
        soon = table.asked_at > func.now() - pause
        known = select(table.id).where(table.kind == "audit", table.asked_at >= due, (table.status != "failed") | soon)
        if (await connection.execute(known.limit(1))).first() is not None:
            return False
        return await self.request_job(connection, "audit", "beat") is not None


def _plain(checks: Sequence[CheckReport]) -> list[dict[str, object]]:
    return [check.model_dump(mode="json") for check in checks]
