"""Texts that a platform shows and that people agree to: how the operator delivers them, and what auth says of them."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal, Self, get_args
from uuid import UUID

from mesto.contracts.base import Contract
from mesto.contracts.fields import INT64, Count, Flag, Plain
from pydantic import Field, model_validator

TextName = Literal["help", "terms", "privacy", "owner_terms", "about"]
TEXT_NAMES: tuple[TextName, ...] = get_args(TextName)
"""All there are, in the order in which they are listed."""
AGREED_TEXTS: tuple[TextName, ...] = ("terms", "privacy", "owner_terms")
"""Those that people agree to; the others are only read."""
OWNERS_TEXT: TextName = "owner_terms"
"""The one that concerns owners alone."""
MOST_CHARACTERS = 50_000
"""Of a text in one language: some forty printed pages."""
VERSION_CHARACTERS = 12
Version = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{VERSION_CHARACTERS}}}$", max_length=VERSION_CHARACTERS)]
"""Names the content of a text in all of its languages."""
_BYTE_ORDER_MARK = "\ufeff"


def clean(text: str | None) -> str | None:
    """Return a text as it is kept, whatever editor has written it: lines end in one way. None for one without words."""
    if text is None or not text.strip():
        return None
    return text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")


def text_version(ru: str | None, en: str | None) -> str:
    """Return the version of a text: the same content in both languages has the same, whenever it comes back."""
    content = json.dumps({"ru": clean(ru), "en": clean(en)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:VERSION_CHARACTERS]


Markdown = Annotated[Plain, Field(max_length=MOST_CHARACTERS)]


class TextDelivery(Contract):
    """The body of ``PUT /internal/texts/{name}``: a text as one generation of the PlatformConfig declares it."""

    uid: UUID
    generation: Count = Field(ge=1, le=INT64)
    ru: Markdown | None = None
    en: Markdown | None = None
    required_to_register: Flag = False

    @model_validator(mode="after")
    def _written(self) -> Self:
        if not (clean(self.ru) or clean(self.en)):
            raise ValueError("Write the text in Russian, in English or in both.")
        return self


class TextState(Contract):
    """A text that auth shows, by its version, and the resource that declared it."""

    name: TextName
    version: str
    required_to_register: bool
    uid: UUID
    generation: int


class TextStates(Contract):
    """All texts that auth shows."""

    items: list[TextState]
