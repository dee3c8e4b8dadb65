"""Snapshots: what an owner says its facts are now, in the words of its state events, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from mesto.contracts.events import EVENT_CLASSES, Event
from pydantic import BaseModel, ConfigDict

MAX_IDS = 100
"""Facts that can be asked for by id at once."""


class Statement(BaseModel):
    """One fact as its last event told it."""

    model_config = ConfigDict(extra="ignore")
    type: str
    payload: dict[str, object]

    @classmethod
    def of(cls, event: Event) -> Statement:
        """Return the statement of a state event."""
        return cls(type=event.type, payload=event.model_dump(mode="json"))

    def event(self) -> Event:
        """Return the state event. Raises KeyError for an unknown type, ValidationError for a bad payload."""
        return EVENT_CLASSES[self.type].model_validate(self.payload, extra="ignore")


class SnapshotPage(BaseModel):
    """Facts by id; ``next_cursor`` is null on the last page."""

    model_config = ConfigDict(extra="ignore")
    items: list[Statement]
    next_cursor: str | None = None

    @classmethod
    def of(cls, events: Sequence[Event], next_cursor: str | None) -> SnapshotPage:
        """Return a page of state events."""
        return cls(items=[Statement.of(event) for event in events], next_cursor=next_cursor)
