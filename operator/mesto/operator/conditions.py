"""Conditions of a resource's status, and the Events that tell of their changes: the same for every kind, and pure.

A condition is written only from an answer that names the generation; it says what was applied, not whether a process is
up this second. Reasons are stable, messages are for people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from mesto.operator.fields import Generation, Moment
from mesto.operator.objects import Status
from mesto.operator.schema import Column, ListMap, Part
from pydantic import Field

_MESSAGE, _NOTE = 2000, 1000
PAUSED = "Left alone because of the annotation mesto.dev/paused (any value but false); remove it to go on."


class Condition(Part):
    """One condition; reasons are stable, messages are for people."""

    type: Annotated[str, Field(max_length=63, description="What it is about.", examples=["Ready"])]
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: Annotated[str, Field(max_length=128, description="Why, in one stable word for machines.")]
    message: Annotated[str, Field(max_length=2048)] = Field(default="", description="Why, in a sentence for people.")
    observed_generation: Generation = Field(default=0, description="The generation that the answer named.")
    last_transition_time: Moment = Field(default="", description="When the status last changed.")


ConditionList = Annotated[
    list[Condition], Field(max_length=10, description="What holds of the resource, by type."), ListMap(("type",))
]
ObservedGeneration = Annotated[
    Generation | None, Field(description="The generation of the resource that this status is about.")
]
Conditions = dict[str, Condition]


def condition_path(kind: str, field: str) -> str:
    """Return where a printer column finds a field of a condition."""
    return f'.status.conditions[?(@.type=="{kind}")].{field}'


READY_COLUMNS = (
    Column("Ready", condition_path("Ready", "status")),
    Column("Reason", condition_path("Ready", "reason")),
)
"""What ``kubectl get`` prints first of a kind."""


def stamp(moment: datetime) -> str:
    """Return a time as statuses have it: seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str | None) -> datetime | None:
    """Return a time as resources have it; None for none, and for what somebody wrote there by hand."""
    with contextlib.suppress(ValueError, TypeError):
        found = datetime.fromisoformat(text or "")
        return found if found.tzinfo else None
    return None


def by_type(conditions: Iterable[Condition] | None) -> Conditions:
    """Return the conditions of a status by their type."""
    return {item.type: item for item in conditions or []}


def is_ready(conditions: Conditions, generation: int) -> bool:
    """Return whether this generation is applied: that a service is away now makes it no less so."""
    ready = conditions.get("Ready")
    return ready is not None and ready.status == "True" and ready.observed_generation == generation


def condition(name: str, status: bool | None, reason: str, message: str, generation: int) -> Condition:
    """Return a condition; ``status`` None is Unknown."""
    word: Literal["True", "False", "Unknown"] = "Unknown" if status is None else ("True" if status else "False")
    return Condition(type=name, status=word, reason=reason, message=message, observed_generation=generation)


def paused(before: Conditions, generation: int) -> Condition:
    """Return Ready of a resource that is to be left alone: True only for a generation that is applied already."""
    return condition("Ready", is_ready(before, generation), "Paused", PAUSED, generation)


def merge(before: Conditions, fresh: Iterable[Condition], order: Sequence[str], now: datetime) -> list[Condition]:
    """Return the conditions from now on, in this order; those that ``fresh`` does not name stay."""
    merged = before | by_type(fresh)
    return [_dated(merged[name], before.get(name), now) for name in order if name in merged]


def _dated(fresh: Condition, old: Condition | None, now: datetime) -> Condition:
    """Date a condition: ``lastTransitionTime`` moves with the status only."""
    same = old is not None and old.status == fresh.status and old.last_transition_time
    moment = old.last_transition_time if old is not None and same else stamp(now)
    return fresh.model_copy(update={"last_transition_time": moment, "message": fresh.message[:_MESSAGE]})


@dataclass(frozen=True)
class Notice:
    """A Kubernetes Event to be."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    action: str = "Reconcile"


def notices(before: Status, after: Status, *, bad: Sequence[str] = ("Ready",)) -> Iterator[Notice]:
    """Yield events for conditions that changed their status, or their reason while not True; waiting is not news.

    Good news comes once, when all is well: each Event is a write to the API server for each of thousands of resources.
    ``bad`` are the conditions whose bad news is told.
    """
    old = {item["type"]: item for item in before.get("conditions") or []}
    for item in after.get("conditions") or []:
        known = old.get(item["type"])
        same = known is not None and (item["status"], item["reason"]) == (known["status"], known["reason"])
        if same or item["reason"].startswith("Awaiting"):
            continue
        note = f"{item['type']}: {item['message']}"[:_NOTE]
        if item["status"] == "True":
            if item["type"] == "Ready" and (known is None or known["status"] != "True"):
                yield Notice("Normal", item["reason"], note)
        elif item["type"] in bad and item["reason"] != (old["Synced"]["reason"] if "Synced" in old else None):
            yield Notice("Warning", item["reason"], f"Not {note[:1].lower()}{note[1:]}"[:_NOTE])
