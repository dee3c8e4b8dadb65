"""The language of an answer, by Accept-Language (RFC 9110, section 12.5.4; matched as the lookup of RFC 4647 does).

Names that have no Latin form of their own are spelled in Latin letters, as the signs of Moscow's Metro do.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mesto.contracts.text import LANGUAGES, Language
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header


class _Ranges(LanguageAccept):
    """Ranges by quality alone; of equals the one that was named first comes first."""

    def _specificity(self, value: str) -> tuple[bool, ...]:
        return ()


@lru_cache(maxsize=256)  # every request asks, and browsers say much the same
def negotiate(accept_language: str | None) -> Language:
    """Return the language of an Accept-Language header by quality; English when it accepts neither of ours."""
    ranges = [(tag.lower(), quality) for tag, quality in parse_accept_header(accept_language, _Ranges)]
    refused = {tag for tag, quality in ranges if quality <= 0}
    accepted = [(tag, tag.partition("-")[0]) for tag, quality in ranges if quality > 0]
    named = refused | {primary for _, primary in accepted}
    for tag, primary in accepted:
        for language in LANGUAGES:
            if language not in refused and (primary == language or (tag == "*" and language not in named)):
                return language
    return "en"


_LATIN = dict(zip("абвгдезийклмнопрстуфыэіґў", "abvgdeziyklmnoprstufyeigu", strict=True)) | {
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ї": "yi",
    "є": "ye",
}
_SOFT_YE = re.compile(r"(?<=[ъьЪЬ])[еЕ]")
_ENDING = re.compile(r"[иы](?=й\b)|[ИЫ](?=Й\b)")
_CYRILLIC = re.compile(r"[а-яёіїєґўА-ЯЁІЇЄҐЎ]")


def _letter(text: str, at: int) -> str:
    letter = text[at]
    latin = _LATIN[letter.lower()]
    if letter.islower():
        return latin
    # In a word of capitals all letters of "Shch" are capital ones.
    beside = text[at + 1 : at + 2] or text[at - 1 : at]
    return latin.upper() if beside.isupper() else latin.capitalize()


@lru_cache(maxsize=4096)  # the same few hundred stations in every list
def latin(name: str) -> str:
    """Return a name in Latin letters: "Чистые пруды" is "Chistye prudy". What is not Cyrillic stays as it is."""
    name = _ENDING.sub("", _SOFT_YE.sub("є", name))
    return _CYRILLIC.sub(lambda found: _letter(name, found.start()), name)
