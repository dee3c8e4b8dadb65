"""What to do next for one ScrapeTarget: pure, and the same for create, update, a due time, resync and drift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mesto.operator.conditions import Notice
from mesto.operator.controller import AddFinalizer, RemoveFinalizer, WriteStatus
from mesto.operator.kinds.scrapetarget.runs import Begin, Desired, Observed, crashed, under_way, waiting
from mesto.operator.kinds.scrapetarget.status import write


@dataclass(frozen=True)
class Look:
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


Action = AddFinalizer | RemoveFinalizer | WriteStatus | Look | Begin | End | Remove


def plan(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    """The next step, None when there is nothing to do."""
    if wanted.deleting:
        return _deleting(wanted, observed, now)
    if wanted.paused or wanted.spec is None or wanted.fault or not observed.configured:
        return write(wanted, observed, now)
    if not wanted.finalizer:
        return AddFinalizer()
    if observed.unreachable:
        return write(wanted, observed, now)
    if observed.jobs is None:
        return Look()
    running = {one.id for one in observed.state.runs if one.outcome == "running"} if observed.state else set()
    for run, message in sorted(crashed(wanted, observed, now).items()):
        if run in running:
            return End(run, message)
    begin = waiting(wanted, observed, now)
    if begin is not None and not observed.busy and not under_way(wanted, observed, now):
        return begin
    return write(wanted, observed, now)


def _deleting(wanted: Desired, observed: Observed, now: datetime) -> Action | None:
    if not wanted.finalizer:
        return None
    if wanted.paused or observed.unreachable:
        return write(wanted, observed, now)
    if observed.removed:
        kept = wanted.policy == "retain"
        message = "The offers found last are kept." if kept else "The offers found here are removed."
        return RemoveFinalizer(Notice("Normal", "Retained" if kept else "Deleted", message, "Delete"))
    return Remove(wanted.policy)
