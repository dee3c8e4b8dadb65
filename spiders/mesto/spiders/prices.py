"""Prices as people write them: an amount, its currency and the unit of time that it is for, or no price.

Nothing is guessed. An amount counts with the currency that stands beside it; a sign that may be several currencies (a
bare dollar) only when the target's default is one of them; the default alone only where the text names no currency and
no word that might be one. A unit stands behind the amount or before it, not both with different ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mesto.contracts.money import Money, Per, Price
from mesto.spiders import markup, numerals, vocabulary
from mesto.spiders.currencies import CODES, chosen
from mesto.spiders.sums import Reading, Sum, Unclear, alone, sums_in
from mesto.spiders.tokens import Piece, pieces
from mesto.spiders.vocabulary import REPRESENTED, UNITS

LONGEST = 2000
"""Letters of a text that are looked at."""
_ODD = "odd"
"""A unit that no price of ours has: a minute, three months, ten visits, a square metre."""
_CLASH = "clash"
"""Several units at once."""
_NEXT = "next"
"""A unit between two amounts that may be of either."""
Order = Literal["lone", "behind", "before"]
"""Whether a text has one amount only, or units behind its last one, or before it."""


def unit_of(text: str) -> Per | None:
    """Return the unit that a text of its own names: ``month``, ``/час``, ``HUR`` (UN/CEFACT), ``P1M`` (ISO 8601)."""
    word = text.strip().casefold()
    if word in UNITS:
        return REPRESENTED.get(UNITS[word])
    unit = _label(pieces(text, None), strict=False)
    return REPRESENTED.get(unit or "")


def currency_of(text: str, default: str | None = None) -> str | None:
    """Return the ISO code of the one currency that a text of its own names.

    None where it names none, several, or may.
    """
    if text.strip() in CODES:
        return text.strip()
    named = [piece.codes for piece in pieces(text, default) if piece.kind == "currency"]
    return chosen(frozenset.intersection(*named), default) if named else None


def money_in(text: str, reading: Reading | None = None) -> Money | None:
    """Return the first amount in a text that stands beside a currency; the lower end of a range."""
    try:
        sums = sums_in(pieces(text[:LONGEST], reading.currency if reading else None), reading or Reading())
    except Unclear:
        return None
    return Money(amount=sums[0].amount, currency=sums[0].currency) if sums else None


def price_of(
    text: str,
    *,
    currency: str = "",
    per: str = "",
    default: str | None = None,
    page: str = "",
    language: str | None = None,
) -> Price | None:
    """Return the price that ``text`` names.

    ``currency`` and ``per`` are what the site says in places of their own, ``page`` is the page's language, ``default``
    and ``language`` are the target's defaults.
    """
    unit = unit_of(per) if per.strip() else None
    named = currency_of(currency, default) if currency.strip() else default
    if (per.strip() and unit is None) or (currency.strip() and named is None):
        return None
    reading = Reading(default if not currency.strip() else named, page, language)
    try:
        return _found(pieces(markup.plain(text)[:LONGEST], reading.currency), reading, named, unit)
    except Unclear:
        return None


def machine_price(text: str, *, currency: str, per: str, default: str | None = None) -> Price | None:
    """Return the price of a number that a program wrote (a dot before the decimals), with what stands beside it."""
    value = numerals.machine(text)
    code = currency_of(currency, default) if currency.strip() else default
    unit = unit_of(per)
    if value is None or code is None or unit is None:
        return None
    amount = numerals.money(value, code)
    return None if amount is None else Price(amount=amount, currency=code, per=unit)


def _found(text: list[Piece], reading: Reading, default: str | None, per: Per | None) -> Price | None:
    """Return the price of a text. Raises Unclear."""
    sums = sums_in(text, reading) or alone(text, reading, default)
    floor, order = 0, _order(text, sums)
    for number, found_sum in enumerate(sums):
        following = sums[number + 1] if number + 1 < len(sums) else None
        unit, floor_after = _unit(text, found_sum, floor, following, order)
        if unit == _CLASH:
            raise Unclear
        beside = following is not None and all(piece.kind == "line" for piece in text[floor_after : following.start])
        if unit is None and beside and following is not None:
            if following.amount >= found_sum.amount:
                raise Unclear  # two prices, and nothing says which is the old one
            floor = found_sum.end
            continue
        if unit is not None and following is not None and floor_after == following.start:
            again, _ = _unit(text, following, floor_after, None, order)
            if again == unit:
                raise Unclear  # $40/day $25/day
        floor = floor_after
        if _is_no_price(text, found_sum, following):
            continue
        if per is not None and unit in (None, per):
            return Price(amount=found_sum.amount, currency=found_sum.currency, per=per)
        if per is None and unit in REPRESENTED:
            return Price(amount=found_sum.amount, currency=found_sum.currency, per=REPRESENTED[unit])
    return None


def _order(text: list[Piece], sums: list[Sum]) -> Order:
    """Return where units stand, as the last amount shows: what stands before it may be of the amount before."""
    if len(sums) == 1:
        return "lone"
    return "behind" if sums and _behind(text, sums[-1].end, len(text), "lone")[0] is not None else "before"


def _unit(text: list[Piece], found_sum: Sum, floor: int, following: Sum | None, order: Order) -> tuple[str | None, int]:
    """Return the unit of an amount, and where the text that speaks of it ends."""
    limit = following.start if following is not None else len(text)
    after, end = _behind(text, found_sum.end, limit, order)
    before = _label(_clause(text[floor : found_sum.start]))
    if after == _NEXT:
        return before if before in REPRESENTED else _CLASH, found_sum.end
    if after is None:
        return before, found_sum.end
    if before in (None, _ODD) or before == after:
        return after, end
    return (_CLASH if after != _ODD or before == _CLASH else after), end


def _behind(text: list[Piece], start: int, limit: int, order: Order) -> tuple[str | None, int]:
    """Return the unit behind an amount: led in ("per", "/", "за"), an adverb, or the very next word."""
    near, led, line = True, False, False
    at = start
    while at < limit:
        piece = text[at]
        if piece.kind in ("number", "broken"):
            following = text[at + 1] if at + 1 < limit else None
            if following is not None and following.text == "%":
                at += 2
                continue
            counted = following is not None and following.word in UNITS
            if counted and piece.value == 1:
                return UNITS[text[at + 1].word], at + 2
            return (_ODD, at + 1) if counted or led else (None, start)
        if piece.kind == "line":
            line = True
        elif piece.word in vocabulary.AREA and (led or near):
            return _ODD, at + 1
        elif (unit := UNITS.get(piece.word)) and piece.kind == "word":
            glued = led and piece.glued
            if led or near or piece.word in vocabulary.ADVERBS:
                apart = line and not led and order != "lone"
                last = at + 1 == limit < len(text) and not glued and order == "before"
                return (_NEXT, start) if apart or last else (unit, at + 1)
        elif piece.word in vocabulary.LEADS or piece.word in vocabulary.ONE:
            led = True
        elif (piece.kind == "mark" and piece.text in ",;.•|:") or piece.word in vocabulary.NO_PRICE:
            return None, start
        elif piece.kind == "word" and piece.word not in vocabulary.TAX and piece.word not in vocabulary.FROM:
            near = led = False
        at += 1
    return None, start


def _clause(text: Sequence[Piece]) -> list[Piece]:
    """Return what stands before an amount, back to the mark or the line that separates it from what is not about it."""
    found: list[Piece] = []
    for piece in reversed(text):
        if piece.kind == "mark" and piece.text in ",;.•|)/":
            break
        if piece.kind == "line" and any(other.kind == "word" and other.word not in vocabulary.FROM for other in found):
            break
        found.insert(0, piece)
    return found


def _label(clause: Sequence[Piece], *, strict: bool = True) -> str | None:
    """Return the unit that a clause before an amount names. ``strict``: by an adverb or as its last word."""
    words = [piece for piece in clause if piece.kind in ("word", "number")]
    units: set[str] = set()
    if any(piece.word in vocabulary.LEAST for piece in words) and strict:
        return _ODD
    for at, piece in enumerate(words):
        unit = UNITS.get(piece.word) if piece.kind == "word" else None
        if unit is None:
            continue
        before = words[at - 1] if at else None
        if before is not None and before.kind == "number" and before.value != 1:
            unit = _ODD
        elif strict and piece.word not in vocabulary.ADVERBS and not _standsalone(words, at):
            continue
        units.add(unit)
    if _ODD in units:
        return _ODD
    return units.pop() if len(units) == 1 else (_CLASH if units else None)


def _standsalone(words: Sequence[Piece], at: int) -> bool:
    """Return whether a noun is what a clause is about: led in or after a label, and only labels after it."""
    labels = (vocabulary.LABELS, vocabulary.FROM, vocabulary.LEADS, vocabulary.TAX)
    before = words[at - 1].word if at else ""
    good = not before or before in vocabulary.ONE or before == "1" or any(before in table for table in labels)
    return good and all(any(word.word in table for table in labels) for word in words[at + 1 :])


def _is_no_price(text: list[Piece], found_sum: Sum, following: Sum | None) -> bool:
    """Return whether an amount is a deposit, a discount or a fee that is due once."""
    before = _clause(text[: found_sum.start])
    after = text[found_sum.end : min(found_sum.end + 2, following.start if following else len(text))]
    return any(piece.word in vocabulary.NO_PRICE for piece in (*before, *after))
