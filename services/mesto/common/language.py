"""The language of an answer, by Accept-Language (RFC 9110, section 12.5.4; matched as the lookup of RFC 4647 does)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, Language] = ("en", "ru")
"""Ours; the first is for who names none."""


class _Ranges(LanguageAccept):
    """Ranges by quality alone; of equals the one that was named first comes first."""

    def _specificity(self, value: str) -> tuple[bool, ...]:
        return ()


@lru_cache(maxsize=256)  # every request asks, and browsers say much the same
def negotiate(accept_language: str | None) -> Language:
    """The language of an Accept-Language header by quality; English when it accepts neither of ours."""
    ranges = [(tag.lower(), quality) for tag, quality in parse_accept_header(accept_language, _Ranges)]
    refused = {tag for tag, quality in ranges if quality <= 0}
    wanted = [(tag, tag.partition("-")[0]) for tag, quality in ranges if quality > 0]
    named = refused | {primary for _, primary in wanted}
    for tag, primary in wanted:
        for language in LANGUAGES:
            if language not in refused and (primary == language or (tag == "*" and language not in named)):
                return language
    return "en"
