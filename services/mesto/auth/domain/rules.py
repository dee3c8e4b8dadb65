"""What makes an account and a password acceptable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from mesto.auth.domain.strength import guessable

SELF_CHOSEN_ROLES = ("renter", "owner")
GRANTED_ROLES = ("renter", "owner", "moderator", "admin")
MIN_PASSWORD, MAX_PASSWORD = 10, 128
FAILURES_ALLOWED, FAILURES_MINUTES = 10, 15
# A client that lost the answer to a refresh, or refreshed in two tabs at once, is no thief.
REUSE_GRACE_SECONDS = 10


def normal_password(password: str) -> str:
    """The same password however the keyboard composed its letters (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, known: Iterable[str] = ()) -> str | None:
    """Why a password is too weak, as a sentence that says what to do; None when it will do.

    ``known`` is what an attacker knows of its holder: name and address. Takes milliseconds of CPU.
    """
    password = normal_password(password)
    if len(password) < MIN_PASSWORD:
        return f"Use at least {MIN_PASSWORD} characters."
    if len(password) > MAX_PASSWORD:
        return f"Use at most {MAX_PASSWORD} characters."
    if guessable(password, known):
        return "This password is too easy to guess. Take four words that do not belong together."
    return None


_NAME_MARKS = frozenset(" -‐‑–—'’ʼ`´.,()&_·\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
_JOINED = re.compile(r"(\w+)[.](?=(\w\w+))")


def _has_host(name: str) -> bool:
    """Whether words are joined by dots as in prize.example or t.me; initials joined to a name (А.С.Пушкин) are not."""
    joined = (len(left) > 1 or not (right[0].isupper() and right[1].islower()) for left, right in _JOINED.findall(name))
    return any(joined) or "www" in name.lower().split()


def name_problem(name: str) -> str | None:
    """Why a name will not do, as a sentence; None when it will.

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
