"""What the spiders need to know of currencies and numbers, taken from CLDR through Babel once and not at each run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_symbol, get_territory_currencies


def tables() -> dict[str, Any]:
    """All currencies that are tender somewhere today, and how numbers are written where.

    ``symbols`` and ``nouns`` name the currencies that may be meant; ``adjectives`` tell two of one noun apart.
    ``usual`` is the decimal marks of a currency's countries, ``languages`` that of a language, ``regional`` those of
    the language's own countries by currency, and ``locales`` those of countries that differ from their language.
    """
    tender = _tender()
    symbols, usual = defaultdict(set), defaultdict(set)
    regional: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    english = Locale("en")
    for code, locale in uses():
        symbols[get_currency_symbol(code, locale)].add(code)
        usual[code].add(_mark(locale))
        regional[locale.language][code].add(_mark(locale))
    for code in tender:
        symbols[get_currency_symbol(code, english)].add(code)
    nouns, adjectives = _names(english, tender)
    languages = {name: _mark(Locale(name)) for name in locale_identifiers() if "_" not in name}
    return {
        "adjectives": sorted(adjectives),
        "languages": languages,
        "locales": dict(_differing(languages)),
        "nouns": _sorted(nouns),
        "regional": {
            language: different
            for language, codes in sorted(regional.items())
            if (different := {c: sorted(m) for c, m in sorted(codes.items()) if m != {languages.get(language)}})
        },
        "symbols": _sorted({text: codes for text, codes in symbols.items() if _is_symbol(text, tender)}),
        "usual": _sorted(usual),
    }


def _tender() -> dict[str, list[str]]:
    """The territories of each currency."""
    found = defaultdict(list)
    for territory in get_global("territory_currencies"):
        for code in get_territory_currencies(territory, tender=True):
            found[code].append(territory)
    return dict(sorted(found.items()))


def uses() -> Iterator[tuple[str, Locale]]:
    """Each currency with each official language of each of its territories."""
    for code, territories in _tender().items():
        for territory in territories:
            for language in get_official_languages(territory, de_facto=True):
                try:
                    yield code, Locale.parse(f"{language}_{territory}")
                except UnknownLocaleError:
                    continue


def _mark(locale: Locale) -> str:
    systems = locale.number_symbols
    return str(systems.get("latn", systems)["decimal"])


def _differing(languages: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(locale_identifiers()):
        language, *_, territory = name.split("_") if "_" in name else (name, "")
        if re.fullmatch("[A-Z]{2}|[0-9]{3}", territory) and (mark := _mark(Locale.parse(name))) != languages[language]:
            yield f"{language}_{territory}", mark


def _names(english: Locale, tender: dict[str, list[str]]) -> tuple[dict[str, set[str]], set[str]]:
    """The last words of English names (dollar) with their currencies, and the words before them (canadian)."""
    nouns, adjectives = defaultdict(set), set()
    for code in tender:
        *before, noun = english.currencies[code].casefold().split()
        nouns[noun].add(code)
        adjectives |= {word for word in before if len(word) > 3}
    return nouns, adjectives


def _is_symbol(text: str, tender: dict[str, list[str]]) -> bool:
    return text not in tender and any(character.isprintable() and not character.isspace() for character in text)


def _sorted(table: dict[str, set[str]]) -> dict[str, list[str]]:
    return {name: sorted(codes) for name, codes in sorted(table.items())}
