"""The base of all bodies that parts send each other."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Base of contract bodies: unknown fields are refused, so a typo never passes silently."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def parse_answer(cls, answer: object) -> Self:
        """Parse what another part answered. It may run a later release: fields that this one does not know are left."""
        return cls.model_validate(answer, extra="ignore")
