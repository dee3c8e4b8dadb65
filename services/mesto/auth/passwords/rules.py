"""What makes a password acceptable, and how easily one is guessed: by how it is made (zxcvbn), by lists of common ones,
and as Russians type them.

``common_passwords.txt`` has the 10,000 most used of the list that Django ships (Royce Williams', from public leaks),
and all of it that are long enough to be taken here; ``russian_words.txt`` has what Russian passwords are made of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from zxcvbn_rs_py import zxcvbn

MIN_PASSWORD, MAX_PASSWORD = 10, 128
ENOUGH = 3
"""zxcvbn's score (0 to 4) of what takes a hundred million guesses or more."""
_LONGEST_TAIL = 6  # so many digits and signs around a common password do not make it another one
_KEYBOARD = dict(zip("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", strict=True))
_LATIN = dict(zip("абвгдеёзийклмнопрстуфхыэ", "abvgdeeziyklmnoprstufhye", strict=True))
_LATIN |= {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
_AS_LETTERS = str.maketrans("@4830!1$57", "aabeoiisst")


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text("utf-8").splitlines()


def _typed(words: Iterable[str]) -> list[str]:
    """Return words as they are, as typed on the other keyboard, and in Latin letters; each once."""
    ways = (str.maketrans(_KEYBOARD), str.maketrans(_LATIN))
    return list(dict.fromkeys(way for word in words for way in (word, *(word.translate(table) for table in ways))))


@cache
def _russian() -> list[str]:
    return _typed(_lines("russian_words.txt"))


@cache
def _common() -> frozenset[str]:
    return frozenset([*_lines("common_passwords.txt"), *_russian()])


def _is_common(password: str) -> bool:
    for whole in {password, *_typed([password])}:
        stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", whole)
        short_tail = len(whole) - len(stem) <= _LONGEST_TAIL
        if whole in _common() or (short_tail and {stem, stem.translate(_AS_LETTERS)} & _common()):
            return True
    return False


def guessable(password: str, known: Iterable[str] = ()) -> bool:
    """Return whether an attacker would come to a password soon; ``known`` is what they know of its holder.

    Takes milliseconds of CPU; whatever is longer than a hundred letters is judged by the first hundred.
    """
    plain = unicodedata.normalize("NFKC", password).lower()[:100]
    wholes = [whole for text in known for whole in (text.lower(), text.lower().partition("@")[0])]
    words = [part for whole in wholes for part in (whole, *re.split(r"[\W_]+", whole)) if len(part) > 2]
    if _is_common(plain):
        return True
    return int(zxcvbn(password[:100], [*_typed([*words, "mesto", "место"]), *_russian()]).score) < ENOUGH


def normal_password(password: str) -> str:
    """Return the same password however the keyboard composed its letters (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, known: Iterable[str] = ()) -> str | None:
    """Return why a password is too weak, as a sentence that says what to do; None when it will do.

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
