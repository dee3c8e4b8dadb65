"""What a route of an owner's snapshot takes, and the page that it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Query
from mesto.common.http.pages import after_id, encode_cursor
from mesto.contracts.events import Event
from mesto.contracts.fields import Slug
from mesto.contracts.snapshots import MAX_IDS, SnapshotPage
from pydantic import BaseModel, ConfigDict, Field

E = TypeVar("E", bound=Event)


class _Asked(BaseModel):
    """Facts after a cursor, or those with these ids."""

    model_config = ConfigDict(extra="forbid")
    cursor: str = Field(default="", max_length=200)
    limit: int = Field(default=200, ge=1, le=1000)

    def page(self, events: Sequence[E], key: Callable[[E], object], *, whole: bool) -> SnapshotPage:
        """Return the answer; ``whole``: these are all that was asked for, else a full page has a next one."""
        following = None if whole or len(events) < self.limit else encode_cursor([str(key(events[-1]))])
        return SnapshotPage.of(events, following)


class AskedById(_Asked):
    """Facts whose ids are UUIDs."""

    id: list[UUID] = Field(default_factory=list, max_length=MAX_IDS)

    @property
    def after(self) -> UUID | None:
        """Where the page begins. Raises Problem 422."""
        return after_id(self.cursor)


class AskedBySlug(_Asked):
    """Facts whose ids are slugs: few, all on one page."""

    id: list[Slug] = Field(default_factory=list, max_length=MAX_IDS)


ById = Annotated[AskedById, Query()]
BySlug = Annotated[AskedBySlug, Query()]
