"""Numbers with their nouns, by the rules that CLDR has for each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.plural import PluralRule
from mesto.contracts.text import Language


@cache
def _rule(language: Language) -> PluralRule:
    return Locale(language).plural_form


def format_count(number: int, forms: Mapping[str, str], language: Language) -> str:
    """Return a number with its noun; ``forms`` of the noun are by the categories of CLDR, for example ``few``."""
    return f"{number} {forms[_rule(language)(number)]}"
