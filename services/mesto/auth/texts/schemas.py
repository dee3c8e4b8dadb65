"""Bodies of the texts' public API."""

from __future__ import annotations

from datetime import datetime

from mesto.contracts.platform_texts import TextName
from mesto.contracts.text import Language
from pydantic import BaseModel


class TextSummary(BaseModel):
    """A text that can be read. ``agreed``: people agree to it; some platforms want that before they register."""

    name: TextName
    title: str
    language: Language
    version: str
    since: datetime
    agreed: bool
    required_to_register: bool


class TextList(BaseModel):
    """All texts that can be read, in the order in which pages list them."""

    items: list[TextSummary]


class TextPage(BaseModel):
    """A text as HTML that is safe to show.

    ``fallback``: there is none in the language that was asked for. ``current``: this is the version that counts now.
    """

    name: TextName
    version: str
    language: Language
    fallback: bool
    title: str
    html: str
    current: bool
    updated_at: datetime
