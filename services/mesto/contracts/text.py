"""Texts in the languages of the product, and the one rule of choosing a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mesto.contracts.base import Contract
from mesto.contracts.fields import Line, Lines, Plain
from pydantic import Field

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, Language] = ("en", "ru")
"""Ours; the first is for who names none."""

SEATS: Mapping[Language, Mapping[str, str]] = {
    "ru": {"one": "место", "few": "места", "many": "мест"},
    "en": {"one": "seat", "other": "seats"},
}
"""The noun for what is booked, by the categories of CLDR, which Babel gives for a number."""


def other_language(language: Language) -> Language:
    """Return the language that a text is shown in when it has none in ``language``."""
    return "en" if language == "ru" else "ru"


def choose(texts: Mapping[str, str | None] | None, language: Language) -> str | None:
    """Return the text in ``language``, else in the other one; None when there is neither."""
    if not texts:
        return None
    return texts.get(language) or texts.get(other_language(language)) or None


class Text(Contract):
    """A text in one or both languages."""

    ru: Plain | None = Field(default=None, max_length=5000)
    en: Plain | None = Field(default=None, max_length=5000)

    def localized(self, language: Language) -> str:
        """Return the text in ``language``, else in the other one, else an empty one."""
        return choose({"ru": self.ru, "en": self.en}, language) or ""


class Description(Text):
    """A text of several lines in one or both languages, as it may be written from now on."""

    ru: Lines | None = Field(default=None, max_length=5000)
    en: Lines | None = Field(default=None, max_length=5000)


class Title(Text):
    """A title or a name in one or both languages: one line each."""

    ru: Line | None = Field(default=None, max_length=200)
    en: Line | None = Field(default=None, max_length=200)
