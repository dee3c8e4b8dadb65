"""Bodies of the consents' API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from mesto.auth.accounts.schemas import Body
from mesto.auth.consents.records import Consent, NewConsent
from mesto.contracts.fields import Plain
from mesto.contracts.platform_texts import TextName, Version
from pydantic import BaseModel, ConfigDict, Field

Page = Annotated[Plain, Field(pattern=r"^/[^?#\x00-\x20]*$", max_length=200)]
"""A page of the site by its path alone: what stands behind it may be somebody's secret."""


class ConsentIn(Body):
    """Agreeing to a version of a text, on a page of the site (its path)."""

    text: TextName
    version: Version
    page: Page = "/"

    def to_consent(self) -> NewConsent:
        """Return it as the service takes it."""
        return NewConsent(self.text, self.version, self.page)


class ConsentOut(BaseModel):
    """A consent that was given."""

    model_config = ConfigDict(from_attributes=True)
    text: TextName
    version: str
    page: str
    given_at: datetime

    @classmethod
    def of(cls, consent: Consent) -> ConsentOut:
        """Return it as its giver sees it."""
        return cls.model_validate(consent)


class DueTextOut(BaseModel):
    """A text to look at again: ``agreed_version`` is the last that was agreed to, null for none."""

    model_config = ConfigDict(from_attributes=True)
    name: TextName
    version: str
    agreed_version: str | None


class Consents(BaseModel):
    """What somebody has agreed to, the last one first, and what has changed since."""

    items: list[ConsentOut]
    due: list[DueTextOut]
