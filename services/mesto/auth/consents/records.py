"""What the store of consents returns and takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mesto.contracts.platform_texts import TextName


@dataclass(frozen=True)
class NewConsent:
    """Somebody agrees to a version of a text on a page of the site."""

    text: TextName
    version: str
    page: str


@dataclass(frozen=True)
class Consent:
    """Somebody has agreed to a version of a text."""

    text: TextName
    version: str
    page: str
    given_at: datetime
