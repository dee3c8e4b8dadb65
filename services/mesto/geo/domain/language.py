"""Which of a text's two languages an answer is in."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("ru", "en")


def preferred(header: str) -> str:
    """The language of an Accept-Language header by quality; English when it names neither of ours."""
    best, found = 0.0, "en"
    for wish in header[:500].split(","):
        tag, _, parameter = wish.strip().partition(";")
        key, _, value = parameter.strip().partition("=")
        try:
            quality = float(value) if key == "q" else 1.0
        except ValueError:
            continue
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and quality > best:
            best, found = quality, language
    return found


def choose(text: Mapping[str, str | None], language: str) -> str:
    """The text in ``language``, else in the other one."""
    other = "en" if language == "ru" else "ru"
    return text.get(language) or text.get(other) or ""
