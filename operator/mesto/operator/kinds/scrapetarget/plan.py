"""What to do next for one ScrapeTarget: pure, and the same for create, update, a due time, resync and drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mesto.operator.conditions import Notice
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.scrapetarget.runs import Begin, Desired, Observed, crashed, next_run, under_way
from mesto.operator.kinds.scrapetarget.status import write_status


@dataclass(frozen=True)
class Fetch:
    """Ask scrapyd for its jobs, then catalog for the target's runs."""


@dataclass(frozen=True)
class End:
    """Tell catalog that a run ended by itself."""

    run: str
    message: str


@dataclass(frozen=True)
class Remove:
    """Cancel what is under way, tell catalog that the resource goes."""

    policy: Literal["retain", "delete"]


Action = AddFinalizer | RemoveFinalizer | WriteStatus | Fetch | Begin | End | Remove


def plan(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    """Return the next step, None when there is nothing to do."""
    if desired.deleting:
        return _plan_deletion(desired, observed, now)
    if desired.paused or desired.spec is None or desired.fault or not observed.configured:
        return write_status(desired, observed, now)
    if not desired.finalizer:
        return AddFinalizer()
    if observed.unreachable:
        return write_status(desired, observed, now)
    if observed.jobs is None:
        return Fetch()
    running = {run.id for run in observed.state.runs if run.outcome == "running"} if observed.state else set()
    for run, message in sorted(crashed(desired, observed, now).items()):
        if run in running:
            return End(run, message)
    begin = next_run(desired, observed, now)
    if begin is not None and not observed.busy and not under_way(desired, observed, now):
        return begin
    return write_status(desired, observed, now)


def _plan_deletion(desired: Desired, observed: Observed, now: datetime) -> Action | None:
    if not desired.finalizer:
        return None
    if desired.paused or observed.unreachable:
        return write_status(desired, observed, now)
    if observed.removed:
        kept = desired.policy == "retain"
        message = "The offers found last are kept." if kept else "The offers found here are removed."
        return RemoveFinalizer(Notice("Normal", "Retained" if kept else "Deleted", message, "Delete"))
    return Remove(desired.policy)
