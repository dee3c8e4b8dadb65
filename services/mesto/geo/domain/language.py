"""Which of a text's two languages an answer is in."""

from __future__ import annotations

from collections.abc import Mapping


def choose(text: Mapping[str, str | None], language: str) -> str:
    """The text in ``language``, else in the other one."""
    other = "en" if language == "ru" else "ru"
    return text.get(language) or text.get(other) or ""
