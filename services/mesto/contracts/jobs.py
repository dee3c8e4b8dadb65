"""Audits and rebuilds as an operator sees them: what the internal APIs answer to the CLI."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from mesto.contracts.fields import Number
from pydantic import BaseModel, ConfigDict, Field

JobKind = Literal["audit", "rebuild"]
JobStatus = Literal["waiting", "running", "done", "failed"]
SHOWN_IDS = 20
"""Differences of a check that are named one by one; all are counted."""


class JobAsked(BaseModel):
    """What is wanted. ``settle_seconds``: what is late for so long is a difference; None: as the service is set."""

    model_config = ConfigDict(extra="forbid")
    kind: JobKind
    settle_seconds: Number | None = Field(default=None, ge=0, le=600)


class Difference(BaseModel):
    """One thing that is not right. ``what``: missing, behind, ahead, wrong, unknown, or a check's own word."""

    model_config = ConfigDict(extra="ignore")
    id: str
    what: str
    detail: str = ""


class CheckReport(BaseModel):
    """What became of one check.

    ``checked`` counts things looked at; ``found`` those that are not right (of a rebuild: that were put right), by
    what is wrong with them; ``more``: the check stopped early, there are more than it counted.
    """

    model_config = ConfigDict(extra="ignore")
    name: str
    checked: int = 0
    found: int = 0
    by_kind: dict[str, int] = Field(default_factory=dict)
    differences: list[Difference] = Field(default_factory=list)
    more: bool = False


class Job(BaseModel):
    """An audit or rebuild of one service. ``error`` is a sentence, once it has failed."""

    model_config = ConfigDict(extra="ignore")
    id: UUID
    service: str
    kind: JobKind
    status: JobStatus
    asked_by: str
    asked_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    settle_seconds: float | None = None
    attempts: int = 0
    error: str = ""
    checks: list[CheckReport] = Field(default_factory=list)
