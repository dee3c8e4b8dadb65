"""The language of an answer: ``ru`` or ``en``, by Accept-Language."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header

LANGUAGES = ("ru", "en")


def preferred(header: str) -> str:
    """The first of our languages by quality; English when none is named."""
    wishes: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        language = tag.strip().lower().split("-")[0]
        if language in LANGUAGES and quality > 0:
            wishes.append((quality, language))
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else "en"


def _from_header(accept_language: Annotated[str, Header()] = "") -> str:
    return preferred(accept_language)


Language = Annotated[str, Depends(_from_header)]
