"""What makes an account acceptable, and since when an address was whose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict


class VerifiedSpan(TypedDict):
    """An address in its common form, and when it was an account's and verified (RFC 3339; no ``until``: it is)."""

    address: str
    since: str
    until: str | None


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


def open_span(spans: Sequence[VerifiedSpan], address: str | None, since: datetime) -> list[VerifiedSpan]:
    """Return the spans with one that is open for the verified address, None for none; it begins then if it is new."""
    known = address is None or any(span["address"] == address and span["until"] is None for span in spans)
    fresh = VerifiedSpan(address=address or "", since=since.isoformat(), until=None)
    return [*spans] if known else [*spans, fresh]


def change_spans(spans: Sequence[VerifiedSpan], address: str | None, now: datetime) -> list[VerifiedSpan]:
    """Return the spans once this address, or none, is the verified one: all others end now."""
    ended = [
        span if span["until"] or span["address"] == address else VerifiedSpan(**{**span, "until": now.isoformat()})
        for span in spans
    ]
    return open_span(ended, address, now)
