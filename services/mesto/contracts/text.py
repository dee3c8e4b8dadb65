"""Texts in the languages of the product, and the one rule of choosing a language."""

from __future__ import annotations

from mesto.contracts.base import Contract
from mesto.contracts.fields import Line, Lines, Plain
from pydantic import Field


class Text(Contract):
    """A text in one or both languages."""

    ru: Plain | None = Field(default=None, max_length=5000)
    en: Plain | None = Field(default=None, max_length=5000)

    def localized(self, language: str) -> str:
        """Return the text in ``language``, else in the other one, else an empty one."""
        return (self.ru or self.en if language == "ru" else self.en or self.ru) or ""


class Description(Text):
    """A text of several lines in one or both languages, as it may be written from now on."""

    ru: Lines | None = Field(default=None, max_length=5000)
    en: Lines | None = Field(default=None, max_length=5000)


class Title(Text):
    """A title or a name in one or both languages: one line each."""

    ru: Line | None = Field(default=None, max_length=200)
    en: Line | None = Field(default=None, max_length=200)
