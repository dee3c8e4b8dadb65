"""The status of a ScrapeTarget, and the Events of its runs: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from mesto.common.sentences import count
from mesto.contracts import offers
from mesto.operator.conditions import (
    Condition,
    Conditions,
    Notice,
    by_type,
    condition,
    is_ready,
    merge,
    notices,
    paused,
    stamp,
)
from mesto.operator.controller import WriteStatus
from mesto.operator.kinds.scrapetarget.crawl import requested_run_id, scheduled_run_id
from mesto.operator.kinds.scrapetarget.runs import (
    Desired,
    Observed,
    crashed,
    due,
    is_known,
    is_late,
    next_run,
    next_time,
    own_jobs,
)
from mesto.operator.kinds.scrapetarget.spec import RUNNING, SUCCEEDED, FieldCoverage, Run, ScrapeTargetStatus
from mesto.operator.objects import dump_status

ORDER = ("Ready", "Synced", "Scheduled", "Healthy")
NO_RUN_YET, SUSPENDED = "NoRunYet", "Suspended"
SUCCESSFUL_RUNS, FAILED_RUNS = 3, 1
"""How many runs the status names when the spec does not say, as CronJobs have it."""
_NOT_CONFIGURED = "Nothing runs spiders here: the operator was given no address of a scrapyd (MESTO_SCRAPYD_URL)."
_OUTCOME_MESSAGES = {
    "Dns": "The site's name is not known.",
    "Timeout": "The site did not answer in time.",
    "Http": "The site answered with errors.",
    "Robots": "The site's robots.txt forbids what is to be read.",
    "Blocked": "The site turns the spider away.",
    "Parse": "What the site answered could not be read.",
    "Empty": "Fewer offers were found than spec.expect.minItems.",
    "Coverage": "Fewer offers had a field than spec.expect.coverage.",
    "Crashed": "The run ended by itself.",
}


def write_status(desired: Desired, observed: Observed, now: datetime) -> WriteStatus | None:
    """Return the status with its Events, None when there is nothing new."""
    old, conditions = desired.before, by_type(desired.before.conditions)
    fields: dict[str, object] = {"observed_generation": desired.generation}
    news: list[Notice] = []
    if _planned(desired, observed):
        fields["next_run_time"] = _optional_stamp(next_time(desired, now))
    verdict = None
    if _planned(desired, observed) and observed.jobs is not None and not observed.unreachable:
        runs = _runs(desired, observed, now)
        verdict = next((run for run in runs if run.outcome != RUNNING), None)
        fields |= {"last_run": runs[0] if runs else None, "history": _history(desired, runs)}
        fields["ran_for"] = _ran_for(desired, observed)
        time, missed = _schedule_progress(desired, observed, now, conditions)
        fields["last_schedule_time"] = _optional_stamp(time) or old.last_schedule_time
        news = [*_run_notices(old, runs), *missed]
    fresh = _conditions(desired, observed, verdict, now)
    fields["conditions"] = merge(conditions, fresh, ORDER, now)
    status = dump_status(old.model_copy(update=fields))
    if status == desired.status:
        return None
    told = [
        notice for notice in notices(desired.status, status, bad=("Ready", "Healthy")) if notice.reason != NO_RUN_YET
    ]
    return WriteStatus(status, (*told, *news))


def _planned(desired: Desired, observed: Observed) -> bool:
    """Return whether the schedule counts at all."""
    idle = desired.deleting or desired.paused or desired.spec is None or desired.fault
    return not idle and observed.configured


def _optional_stamp(time: datetime | None) -> str | None:
    return stamp(time) if time is not None else None


def _runs(desired: Desired, observed: Observed, now: datetime) -> list[Run]:
    """Return all runs that anybody knows of, newest first."""
    old = desired.before
    found = {run.id: run for run in [*(old.history or []), *([old.last_run] if old.last_run else [])]}
    for told in observed.state.runs if observed.state else ():
        if told.outcome != "running" or told.id not in found:  # one that has begun is no news
            found[told.id] = _to_status_run(told)
    assert observed.jobs is not None
    for run in own_jobs(desired, observed.jobs):
        found.setdefault(run, Run(id=run, started_at=stamp(now), outcome=RUNNING))
    for run, message in crashed(desired, observed, now).items():
        begun = found.get(run) or Run(id=run, started_at=stamp(now))
        ended = {"outcome": "Crashed", "message": message, "finished_at": stamp(now)}
        found[run] = begun.model_copy(update=ended)
    return sorted(found.values(), key=lambda run: (run.started_at or "", run.id), reverse=True)


def _to_status_run(run: offers.Run) -> Run:
    """Return a run in the status's words."""
    ended = run.outcome != "running"
    return Run(
        id=run.id,
        started_at=stamp(run.started_at),
        finished_at=_optional_stamp(run.finished_at),
        outcome=run.outcome.capitalize(),
        message=run.message,
        items=run.items if ended else None,
        coverage=FieldCoverage.model_validate(run.coverage.model_dump()) if run.coverage and ended else None,
    )


def _history(desired: Desired, runs: Sequence[Run]) -> list[Run]:
    """Return the runs that ended, as many as the spec wants to see."""
    spec = desired.spec
    assert spec is not None
    good, bad = spec.successful_runs_history_limit, spec.failed_runs_history_limit
    ended = [run for run in runs if run.outcome != RUNNING]
    kept = {
        run.id
        for outcome, most in (
            (True, SUCCESSFUL_RUNS if good is None else good),
            (False, FAILED_RUNS if bad is None else bad),
        )
        for run in islice((run for run in ended if (run.outcome == SUCCEEDED) is outcome), most)
    }
    return [run for run in ended if run.id in kept]


def _ran_for(desired: Desired, observed: Observed) -> str | None:
    """Return the value of ``mesto.dev/run`` that was acted on last."""
    if desired.run and is_known(observed, requested_run_id(desired.uid, desired.run)):
        return desired.run
    return desired.before.ran_for


def _schedule_progress(
    desired: Desired, observed: Observed, now: datetime, before: Conditions
) -> tuple[datetime | None, list[Notice]]:
    """Return the time that is done with now, if there is one, and what to tell when it was missed."""
    time = due(desired, now)
    if time is None or is_known(observed, scheduled_run_id(desired.uid, time)):
        return time, []
    if desired.suspended or not is_late(desired, time, now):
        return None, []
    scheduled = before.get("Scheduled")
    if scheduled is not None and scheduled.reason == SUSPENDED:
        return time, []  # it was not meant to run
    message = f"The run of {stamp(time)} did not begin within {desired.deadline.total_seconds():.0f} seconds."
    return time, [Notice("Warning", "RunMissed", message, "Run")]


def _run_notices(old: ScrapeTargetStatus, runs: Sequence[Run]) -> Iterator[Notice]:
    """Yield that the newest run began, or ended."""
    if not runs:
        return
    last, before = runs[0], old.last_run
    same = before is not None and before.id == last.id
    if last.outcome == RUNNING:
        if not same:
            yield Notice("Normal", "RunStarted", f"Run {last.id} began.", "Run")
    elif not same or (before is not None and before.outcome == RUNNING):
        yield Notice("Normal", "RunFinished", f"Run {last.id} ended: {last.outcome}. {_message(last)}", "Run")


def _message(run: Run) -> str:
    if run.outcome == SUCCEEDED:
        return f"{count(run.items or 0, 'offer was', 'offers were')} found."
    return run.message or _OUTCOME_MESSAGES.get(run.outcome, "")


def _conditions(desired: Desired, observed: Observed, verdict: Run | None, now: datetime) -> list[Condition]:
    generation, before = desired.generation, by_type(desired.before.conditions)

    def all_false(reason: str, message: str, names: Sequence[str] = ORDER[:3]) -> list[Condition]:
        return [condition(name, False, reason, message, generation) for name in names]

    if desired.paused:
        return [paused(before, generation)]
    if desired.deleting:
        return all_false("DeletionWaits", f"Cannot tell catalog of the deletion: {observed.unreachable}", ("Ready",))
    if desired.fault:
        return all_false(desired.reason, desired.fault)
    if not observed.configured:
        return all_false("NotConfigured", _NOT_CONFIGURED)
    if observed.unreachable:
        # What was applied stays applied, but no run begins now.
        names = ORDER[2:3] if is_ready(before, generation) else ORDER[:3]
        return all_false(observed.reason, f"Tried again soon: {observed.unreachable}", names)
    return [
        condition("Ready", True, "Ready", "The schedule is kept.", generation),
        condition("Synced", True, "Synced", "scrapyd and catalog have answered.", generation),
        _scheduled(desired, observed, now),
        *_healthy(desired, verdict, before),
    ]


def _scheduled(desired: Desired, observed: Observed, now: datetime) -> Condition:
    assert desired.spec is not None
    if observed.busy and next_run(desired, observed, now) is not None:
        message = f"A run waits: {observed.busy} reads the same site."
        return condition("Scheduled", False, "DomainBusy", message, desired.generation)
    if desired.suspended:
        message = "Nothing runs by the schedule while spec.suspend is true."
        return condition("Scheduled", False, SUSPENDED, message, desired.generation)
    message = f'"{desired.spec.schedule}" in the time of {desired.zone}.'
    return condition("Scheduled", True, "Scheduled", message, desired.generation)


def _healthy(desired: Desired, verdict: Run | None, before: Conditions) -> list[Condition]:
    """Return what the last run that ended says; none when it has said so already."""
    old = desired.before
    if verdict is None:
        message = "No run has ended yet."
        return [] if "Healthy" in before else [condition("Healthy", None, NO_RUN_YET, message, desired.generation)]
    known_ends = [run.id for run in [*([old.last_run] if old.last_run else []), *(old.history or [])] if _ended(run)]
    judged = "Healthy" in before and before["Healthy"].reason == _reason(verdict)
    if judged and verdict.id in known_ends:
        return []
    return [condition("Healthy", verdict.outcome == SUCCEEDED, _reason(verdict), _message(verdict), desired.generation)]


def _ended(run: Run) -> bool:
    return run.outcome != RUNNING


def _reason(run: Run) -> str:
    return "Healthy" if run.outcome == SUCCEEDED else run.outcome or "Crashed"
