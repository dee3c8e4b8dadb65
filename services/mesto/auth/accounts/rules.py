"""What makes an account acceptable."""

from __future__ import annotations

import re
import unicodedata

_NAME_MARKS = frozenset(" -‐‑–—'’ʼ`´.,()&_·\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
_JOINED = re.compile(r"(\w+)[.](?=(\w\w+))")


def _has_host(name: str) -> bool:
    """Return whether words are joined by dots as in prize.example or t.me, not as initials and a name (А.С.Пушкин)."""
    joined = (len(left) > 1 or not (right[0].isupper() and right[1].islower()) for left, right in _JOINED.findall(name))
    return any(joined) or "www" in name.lower().split()


def name_problem(name: str) -> str | None:
    """Return why a name will not do, as a sentence; None when it will.

    Our mails begin with it, so nobody may have them say "visit …" to others: it has no links or addresses, and nothing
    that is not seen.
    """
    plain = unicodedata.normalize("NFKC", name)
    if not any(letter.isalpha() for letter in plain):
        return "Write your name in letters."
    strange = next(
        (sign for sign in plain if sign not in _NAME_MARKS and unicodedata.category(sign)[0] not in "LMN"), None
    )
    if strange is not None or _has_host(plain):
        return "Write your name without links, addresses and special signs."
    return None
