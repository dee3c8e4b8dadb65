"""A run of a ScrapeTarget that is asked for: what will become of it, and what came of it. For `mesto run`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from mesto.cli import status_tree
from mesto.cli.command_line import command
from mesto.cli.failure import NOT_READY, PLATFORM, Failure
from mesto.common.sentences import count
from mesto.operator.objects import ConditionFields, Resource, RunFields, Status

ANNOTATION = "mesto.dev/run"
UNDER_WAY = "Running"
SUCCEEDED = "Succeeded"
_PAUSE_SECONDS = 1
_NEVER = ("Invalid", "UnknownCity", "CityNotAllowed", "NotConfigured")
"""Reasons of Ready with which no run begins, neither by the schedule nor for a wish."""


def blocker(target: Resource) -> str:
    """Return why no run begins before people do something; empty when nothing stands against it."""
    metadata = target["metadata"]
    if "deletionTimestamp" in metadata:
        return "It is being deleted: no run begins any more."
    if (metadata.get("annotations") or {}).get("mesto.dev/paused", "false") not in ("", "false"):
        resume = command("resume", f"sct/{metadata['name']}", namespace=metadata["namespace"])
        return f"The operator leaves it alone: the run begins after {resume}"
    return ""


def stuck(target: Resource) -> str:
    """Return why no run of this generation ever begins, by what the operator says of it; empty when one may."""
    ready = status_tree.conditions(target).get("Ready", ConditionFields())
    newest = target["metadata"].get("generation")
    if ready.get("status") == "True" or ready.get("observedGeneration") != newest or ready.get("reason") not in _NEVER:
        return ""
    return f"No run begins: it is not Ready, {ready['reason']}: {ready.get('message') or 'no more is known.'}"


def warnings(target: Resource) -> Iterator[str]:
    """Yield what will happen to a run that is asked for now, and what makes it likely to fail."""
    if why := blocker(target):
        yield why
    elif target["spec"].get("suspend"):
        yield "It is suspended: its schedule rests, this run begins all the same."
    last = _last(target)
    if last.get("outcome") == UNDER_WAY:
        since = f" since {last['startedAt']}" if last.get("startedAt") else ""
        yield f"Run {last['id']} is under way{since}: one run of a target at a time, this one comes after it."
    ready = status_tree.conditions(target).get("Ready", ConditionFields())
    if ready.get("status") == "False" and ready.get("reason") not in ("Paused", "Suspended"):
        yield f"It is not Ready, {ready.get('reason')}: {ready.get('message') or 'no more is known.'}"


def ended_run(target: Resource, asked: str) -> RunFields | None:
    """Return the run that was asked for by this value of the annotation, once it has ended; None until then."""
    last = _last(target)
    if (target.get("status") or Status()).get("ranFor") != asked or last.get("outcome", UNDER_WAY) in ("", UNDER_WAY):
        return None
    return last


def is_replaced(target: Resource, asked: str) -> bool:
    """Return whether somebody has asked for another run since, before the operator saw this one."""
    known = (target["metadata"].get("annotations") or {}).get(ANNOTATION)
    return known != asked and (target.get("status") or Status()).get("ranFor") != asked


def wait(fetch: Callable[[], Resource], asked: str, timeout: float) -> RunFields:
    """Return the run that was asked for, once it has ended; ``fetch`` is the target as it is now.

    Raises Failure after ``timeout`` seconds, when the target goes, when another wish has replaced this one, or when
    something stands against the run that only people can mend.
    """
    until = time.monotonic() + timeout
    while True:
        target = fetch()
        if (run := ended_run(target, asked)) is not None:
            return run
        if is_replaced(target, asked):
            raise Failure("Somebody has asked for another run before this one began: that one counts.")
        if (target.get("status") or Status()).get("ranFor") != asked and _last(target).get("outcome") != UNDER_WAY:
            if why := stuck(target):
                raise Failure(why, NOT_READY)
            if why := blocker(target):
                raise Failure(why)
        if time.monotonic() > until:
            raise Failure(f"No end after {timeout:.0f} s. {_state_sentence(target)}", PLATFORM)
        time.sleep(_PAUSE_SECONDS)


def _state_sentence(target: Resource) -> str:
    if _last(target).get("outcome") == UNDER_WAY:
        metadata = target["metadata"]
        tells = command("status", f"sct/{metadata['name']}", namespace=metadata["namespace"])
        return f"Run {_last(target)['id']} goes on; this tells of it: {tells}"
    return "It has not begun: does an operator run that watches this namespace?"


def sentence(run: RunFields) -> str:
    """Return what came of a run."""
    number = run.get("items")
    items = "" if number is None else f", {count(number, 'offer')}"
    message = f": {run['message']}" if run.get("message") else ""
    return f"Run {run['id']}: {run['outcome']}{items}{message}"


def _last(target: Resource) -> RunFields:
    return (target.get("status") or Status()).get("lastRun") or RunFields()
