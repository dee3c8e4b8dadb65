"""One ScrapeTarget and what is known of its runs: which one is due, which goes on, which has crashed. Pure.

A time of the schedule is done with when its run is known to scrapyd or catalog, or when ``lastScheduleTime`` has passed
it; so is a value of ``mesto.dev/run``. Nothing else is remembered, so a process may die after any step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from mesto.common.http.addresses import BadAddress
from mesto.contracts.offers import TargetState
from mesto.contracts.policy import not_allowed
from mesto.operator import controller, schedule
from mesto.operator.conditions import moment
from mesto.operator.kinds.scrapetarget import selecting
from mesto.operator.kinds.scrapetarget.crawl import asked_id, crawl, owner, scheduled_id
from mesto.operator.kinds.scrapetarget.spec import RUN_LENGTH, RUNNING, ScrapeTargetSpec, ScrapeTargetStatus
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


def desired(resource: dict[str, Any], known_cities: Mapping[str, Collection[str]] | None = None) -> Desired:
    """Parse a resource; a spec that breaks our models, or the spider's, becomes ``fault``.

    ``known_cities`` are slugs with the namespaces that may use them (none: all); None when nobody knows them.
    """
    common = controller.Desired.common(resource, FINALIZER)
    spec, fault = None, ""
    try:
        spec = ScrapeTargetSpec.model_validate(resource["spec"])
        wrong = schedule.fault(spec.schedule)
        fault = f"spec.schedule: {wrong}." if wrong else selecting.fault(spec.extract)
        crawl(spec, "try", (common["uid"], common["namespace"], common["name"]), private=False)
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


def due(wanted: Desired, now: datetime) -> datetime | None:
    """The last time of the schedule that came and is not done with as far as the status says; None for none."""
    assert wanted.spec is not None
    last = schedule.last(wanted.spec.schedule, wanted.zone, now)
    since = max(wanted.created, moment(wanted.before.last_schedule_time) or wanted.created)
    return last if last > since else None


def following(wanted: Desired, now: datetime) -> datetime | None:
    """The next time of the schedule, None while it rests."""
    assert wanted.spec is not None
    return None if wanted.suspended else schedule.after(wanted.spec.schedule, wanted.zone, now)


def asked(wanted: Desired) -> bool:
    """Whether ``mesto.dev/run`` has a value that the status does not name yet."""
    return bool(wanted.run) and wanted.run != wanted.before.ran_for


def known(observed: Observed, run: str) -> bool:
    """Whether a run was begun at any time, as far as scrapyd and catalog remember."""
    jobs, state = observed.jobs or Jobs(), observed.state
    return run in jobs or (state is not None and any(one.id == run for one in state.runs))


def mine(wanted: Desired, jobs: Jobs) -> frozenset[str]:
    """The target's own jobs that wait for a process or have one."""
    return frozenset(run for run in jobs.active if owner(run) == wanted.uid)


def open_runs(wanted: Desired, observed: Observed, now: datetime) -> set[str]:
    """Runs that were begun and of whose end nobody has told: some may have crashed."""
    jobs, told = observed.jobs or Jobs(), {one.id: one.outcome for one in observed.state.runs} if observed.state else {}
    found = {run for run, outcome in told.items() if outcome == "running"}
    last = wanted.before.last_run
    if last is not None and last.outcome == RUNNING:
        found.add(last.id)
    # Begun by a process that died before it wrote that down.
    if asked(wanted):
        found |= {asked_id(wanted.uid, wanted.run)} & jobs.finished
    if (time := due(wanted, now)) is not None:
        found |= {scheduled_id(wanted.uid, time)} & jobs.finished
    return {run for run in found if told.get(run, "running") == "running"}


def crashed(wanted: Desired, observed: Observed, now: datetime) -> dict[str, str]:
    """Open runs that go on no more, and how one knows."""
    jobs, found = observed.jobs or Jobs(), {}
    for run in open_runs(wanted, observed, now) - jobs.active:
        if run in jobs.finished:
            found[run] = _ENDED
        elif run in observed.lost and observed.lost[run] <= now:
            found[run] = "scrapyd does not know the run any more: it, or the spider's process, was ended."
    return found


def under_way(wanted: Desired, observed: Observed, now: datetime) -> set[str]:
    """The target's runs that go on, or may."""
    going = mine(wanted, observed.jobs or Jobs()) | open_runs(wanted, observed, now)
    return set(going) - set(crashed(wanted, observed, now))


def late(wanted: Desired, time: datetime, now: datetime) -> bool:
    """Whether a run of this time may begin no more."""
    return now - time > wanted.deadline


def waiting(wanted: Desired, observed: Observed, now: datetime) -> Begin | None:
    """The run to begin as soon as nothing stands in its way: first one asked for, then that of the schedule."""
    if asked(wanted) and not known(observed, run := asked_id(wanted.uid, wanted.run)):
        return Begin(run)
    time = None if wanted.suspended else due(wanted, now)
    if time is None or late(wanted, time, now) or known(observed, run := scheduled_id(wanted.uid, time)):
        return None
    return Begin(run, time)
