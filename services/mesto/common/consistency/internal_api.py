"""The internal routes of audits and rebuilds, the same for every service that has some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from mesto.common.consistency.jobs import Jobs
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, not_found
from mesto.common.http.api import Router, problems
from mesto.common.identity.tokens import callers
from mesto.contracts.jobs import Job, JobAsked

router = Router(tags=["jobs"])
Tools = Annotated[str, Depends(callers("cli"))]


@dataclass(frozen=True)
class JobsContext:
    """Where jobs are asked for: ``app.state.jobs_context``."""

    database: Database
    jobs: Jobs


async def _jobs_context(request: Request) -> JobsContext:
    context: JobsContext = request.app.state.jobs_context
    return context


TheJobs = Annotated[JobsContext, Depends(_jobs_context)]


@router.post("/jobs", status_code=202, responses=problems(409))
async def ask_for_job(body: JobAsked, caller: Tools, context: TheJobs) -> Job:
    """Ask for an audit or a rebuild; the service's worker begins it in a moment. 409 while there is one already, which
    ``job_id`` names.
    """
    async with context.database.transaction() as connection:
        job = await context.jobs.request_job(connection, body.kind, caller, body.settle_seconds)
        if job is not None:
            return job
        known = await context.jobs.open(connection, body.kind)
    what = "an audit" if body.kind == "audit" else "a rebuild"
    asked = f", asked for by {known.asked_by} at {known.asked_at:%Y-%m-%d %H:%M:%S} UTC" if known else ""
    sentence = f"There is {what} of {context.jobs.service} already{asked}. Wait for its end."
    raise Problem(409, "job-exists", sentence, job_id=str(known.id) if known else None)


@router.get("/jobs/{job_id}", responses=problems(404))
async def get_job(job_id: UUID, caller: Tools, context: TheJobs) -> Job:
    """How far a job is, or what came of it."""
    async with context.database.read() as connection:
        job = await context.jobs.get(connection, job_id)
    if job is None:
        raise not_found("This job")
    return job
