"""One ScrapeTarget and what is known of its runs: which one is due, which goes on, which has crashed. Pure.

A time of the schedule is done with when its run is known to scrapyd or catalog, or when ``lastScheduleTime`` has passed
it; so is a value of ``mesto.dev/run``. Nothing else is remembered, so a process may die after any step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from mesto.common.http.addresses import BadAddress
from mesto.contracts.offers import TargetState
from mesto.contracts.policy import not_allowed
from mesto.operator import controller, schedule
from mesto.operator.conditions import moment
from mesto.operator.kinds.scrapetarget import selecting
from mesto.operator.kinds.scrapetarget.crawl import crawl_order, owner, requested_run_id, scheduled_run_id
from mesto.operator.kinds.scrapetarget.spec import RUN_LENGTH, RUNNING, ScrapeTargetSpec, ScrapeTargetStatus
from mesto.operator.objects import Resource
from mesto.operator.paths import model_faults, unforeseen
from mesto.operator.schema import GROUP
from mesto.operator.scrapyd import Jobs
from pydantic import ValidationError

FINALIZER = f"{GROUP}/scrapetarget"
_ENDED = (
    "The spider's process ended without a word about its run: it was killed, or reading a page took longer than it may."
)
DEADLINE = timedelta(hours=1)
"""How late a run may begin when the spec does not say."""


@dataclass(frozen=True, kw_only=True)
class Desired(controller.Desired):
    """The resource as the API server has it. ``spec`` is None when it breaks our models; ``fault`` says how.

    ``reason`` is that of the ``fault``, ``run`` the value of ``mesto.dev/run``, ``before`` the status as it is.
    """

    created: datetime
    spec: ScrapeTargetSpec | None = None
    fault: str = ""
    reason: str = "Invalid"
    run: str = ""
    before: ScrapeTargetStatus = field(default_factory=ScrapeTargetStatus)

    @property
    def policy(self) -> Literal["retain", "delete"]:
        """What becomes of the offers when the resource goes."""
        return "delete" if self.spec is not None and self.spec.deletion_policy != "Retain" else "retain"

    @property
    def zone(self) -> str:
        """Whose time the schedule is in."""
        return (self.spec.time_zone if self.spec else None) or "UTC"

    @property
    def suspended(self) -> bool:
        """Whether the schedule rests."""
        return bool(self.spec and self.spec.suspend)

    @property
    def deadline(self) -> timedelta:
        """How late a run may begin."""
        seconds = self.spec.starting_deadline_seconds if self.spec else None
        return DEADLINE if seconds is None else timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Observed(controller.Observed):
    """What scrapyd (``jobs``, None: not asked yet) and catalog (``state``, None: no run yet) know.

    ``lost`` says of runs under way that scrapyd does not know from when on they count as crashed; ``busy`` names a
    target that reads the same site now; ``reason`` is of what is ``unreachable``. Without a scrapyd nothing is
    ``configured``.
    """

    configured: bool = True
    jobs: Jobs | None = None
    state: TargetState | None = None
    lost: Mapping[str, datetime] = field(default_factory=dict)
    busy: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Begin:
    """Give scrapyd a run, unless it has it or another target reads the site. ``due`` is None for one asked for."""

    run: str
    due: datetime | None = None


def parse(resource: Resource, known_cities: Mapping[str, Collection[str]] | None = None) -> Desired:
    """Parse a resource; a spec that breaks our models, or the spider's, becomes ``fault``.

    ``known_cities`` are slugs with the namespaces that may use them (none: all); None when nobody knows them.
    """
    common = controller.Desired.common(resource, FINALIZER)
    spec, fault = None, ""
    try:
        spec = ScrapeTargetSpec.model_validate(resource["spec"])
        wrong = schedule.fault(spec.schedule)
        fault = f"spec.schedule: {wrong}." if wrong else selecting.fault(spec.extract)
        crawl_order(spec, "try", (common["uid"], common["namespace"], common["name"]), private=False)
    except ValidationError as error:
        fault = model_faults(error)
    except BadAddress as error:
        fault = str(error)
    except Exception as error:
        fault = unforeseen(error)
    reason = "Invalid"
    city = spec.defaults.city if spec is not None and spec.defaults is not None else None
    if not fault and city is not None and known_cities is not None:
        if city not in known_cities:
            fault, reason = f'spec.defaults.city: the PlatformConfig declares no city "{city}".', "UnknownCity"
        elif common["namespace"] not in (known_cities[city] or [common["namespace"]]):
            fault, reason = f"spec.defaults.city: {not_allowed(common['namespace'], city)}", "CityNotAllowed"
    return Desired(
        **common,
        created=moment(resource["metadata"].get("creationTimestamp")) or datetime.min.replace(tzinfo=UTC),
        spec=spec,
        fault=fault,
        reason=reason,
        run=controller.annotation(resource, "run")[:RUN_LENGTH],
        before=ScrapeTargetStatus.model_validate(common["status"]),
    )


def due(desired: Desired, now: datetime) -> datetime | None:
    """Return the last time of the schedule that came and is not done with as far as the status says; None for none."""
    assert desired.spec is not None
    last = schedule.last(desired.spec.schedule, desired.zone, now)
    since = max(desired.created, moment(desired.before.last_schedule_time) or desired.created)
    return last if last > since else None


def next_time(desired: Desired, now: datetime) -> datetime | None:
    """Return the next time of the schedule, None while it rests."""
    assert desired.spec is not None
    return None if desired.suspended else schedule.after(desired.spec.schedule, desired.zone, now)


def run_requested(desired: Desired) -> bool:
    """Return whether ``mesto.dev/run`` has a value that the status does not name yet."""
    return bool(desired.run) and desired.run != desired.before.ran_for


def is_known(observed: Observed, run: str) -> bool:
    """Return whether a run was begun at any time, as far as scrapyd and catalog remember."""
    jobs, state = observed.jobs or Jobs(), observed.state
    return run in jobs or (state is not None and any(item.id == run for item in state.runs))


def own_jobs(desired: Desired, jobs: Jobs) -> frozenset[str]:
    """Return the target's own jobs that wait for a process or have one."""
    return frozenset(run for run in jobs.active if owner(run) == desired.uid)


def open_runs(desired: Desired, observed: Observed, now: datetime) -> set[str]:
    """Return runs that were begun and of whose end nobody has told: some may have crashed."""
    jobs, outcomes = (
        observed.jobs or Jobs(),
        {item.id: item.outcome for item in observed.state.runs} if observed.state else {},
    )
    found = {run for run, outcome in outcomes.items() if outcome == "running"}
    last = desired.before.last_run
    if last is not None and last.outcome == RUNNING:
        found.add(last.id)
    # Begun by a process that died before it wrote that down.
    if run_requested(desired):
        found |= {requested_run_id(desired.uid, desired.run)} & jobs.finished
    if (time := due(desired, now)) is not None:
        found |= {scheduled_run_id(desired.uid, time)} & jobs.finished
    return {run for run in found if outcomes.get(run, "running") == "running"}


def crashed(desired: Desired, observed: Observed, now: datetime) -> dict[str, str]:
    """Return open runs that go on no more, and how one knows."""
    jobs, found = observed.jobs or Jobs(), {}
    for run in open_runs(desired, observed, now) - jobs.active:
        if run in jobs.finished:
            found[run] = _ENDED
        elif run in observed.lost and observed.lost[run] <= now:
            found[run] = "scrapyd does not know the run any more: it, or the spider's process, was ended."
    return found


def under_way(desired: Desired, observed: Observed, now: datetime) -> set[str]:
    """Return the target's runs that go on, or may."""
    going = own_jobs(desired, observed.jobs or Jobs()) | open_runs(desired, observed, now)
    return set(going) - set(crashed(desired, observed, now))


def is_late(desired: Desired, time: datetime, now: datetime) -> bool:
    """Return whether a run of this time may begin no more."""
    return now - time > desired.deadline


def next_run(desired: Desired, observed: Observed, now: datetime) -> Begin | None:
    """Return the run to begin as soon as nothing stands in its way: first one asked for, then that of the schedule."""
    if run_requested(desired) and not is_known(observed, run := requested_run_id(desired.uid, desired.run)):
        return Begin(run)
    time = None if desired.suspended else due(desired, now)
    if time is None or is_late(desired, time, now) or is_known(observed, run := scheduled_run_id(desired.uid, time)):
        return None
    return Begin(run, time)
