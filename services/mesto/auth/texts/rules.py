"""Which texts there are, and what one is called that has no heading."""

from __future__ import annotations

from collections.abc import Mapping

from mesto.contracts.platform_texts import TextName
from mesto.contracts.text import Language

TITLES: Mapping[TextName, Mapping[Language, str]] = {
    "help": {"ru": "Помощь", "en": "Help"},
    "terms": {"ru": "Условия использования", "en": "Terms of use"},
    "privacy": {"ru": "Персональные данные", "en": "Privacy"},
    "owner_terms": {"ru": "Условия для владельцев", "en": "Terms for owners"},
    "about": {"ru": "О компании", "en": "Who we are"},
}
"""What a text is called that has no heading of its own."""


def leads_away(address: str) -> bool:
    """Return whether a link leads to another site: what has a host, not a page or a heading of ours, not a mailbox."""
    return address.startswith(("//", "/\\")) or address.lower().startswith(("http:", "https:"))
