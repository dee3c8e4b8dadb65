"""Amounts of money in a text: numbers with the currencies that stand beside them, and the lower ends of ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from mesto.spiders import numerals, vocabulary
from mesto.spiders.currencies import NOTHING, TABLES, chosen, decimal_marks
from mesto.spiders.tokens import Piece
from mesto.spiders.vocabulary import UNITS


@dataclass(frozen=True)
class Reading:
    """What helps to read a text: the target's default currency, the page's language, the target's default one."""

    currency: str | None = None
    page: str = ""
    language: str | None = None


@dataclass
class Sum:
    """An amount and its currency at ``start`` to ``end`` of the pieces."""

    amount: Decimal
    currency: str
    start: int
    end: int


class Unclear(Exception):
    """The text may mean several things, or something that we do not know."""


def sums_in(text: list[Piece], reading: Reading) -> list[Sum]:
    """Return the amounts that stand beside a currency. Raises Unclear for what we cannot read."""
    if any(piece.kind == "unknown" for piece in text):
        raise Unclear
    found: list[Sum] = []
    at = 0
    while at < len(text):
        if text[at].kind not in ("number", "currency", "broken"):
            at += 1
            continue
        end = at
        while end < len(text) and text[end].kind in ("number", "currency", "broken"):
            end += 1
        found += _run(text, at, end, reading)
        at = end
    return _ranges(text, found, reading)


def _run(text: list[Piece], start: int, end: int, reading: Reading) -> list[Sum]:
    """Return the amounts of numbers and currencies side by side.

    Each number takes those before it, or those after it.
    """
    run = range(start, end)
    if not any(text[at].kind == "currency" for at in run):
        return []
    if any(text[at].kind == "broken" for at in run):
        raise Unclear
    numbers = [at for at in run if text[at].kind == "number"]
    if not numbers:
        return []
    if any(after - before == 1 for before, after in pairwise(numbers)):
        raise Unclear  # 450 00 ₽
    groups = _groups(text, start, end, numbers)
    found = []
    for first, last in groups:
        (number,) = [at for at in range(first, last) if text[at].kind == "number"]
        named = [text[at].codes for at in range(first, last) if text[at].kind == "currency"]
        if not named:
            continue
        code = _currency(text, first, last, frozenset.intersection(*named), reading)
        found.append(Sum(_amount(text, number, code, reading), code, first, last))
    return found


def _groups(text: list[Piece], start: int, end: int, numbers: list[int]) -> list[tuple[int, int]]:
    """Return where each number with its currencies begins and ends."""
    if len(numbers) == 1:
        return [(start, end)]
    if text[start].kind == "currency":
        bounds = [start, *(previous + 1 for previous in numbers[:-1]), end]
    elif text[end - 1].kind == "currency":
        bounds = [start, *numbers[1:], end]
        first, second = numbers[0], numbers[1]
        if len(numbers) == 2 and second - first == 2 and text[end - 1].kind == "currency" and text[second].glued:
            raise Unclear  # 2 €490 EUR
    elif len(numbers) == 2:  # 2 €490: one of them is no price
        first, second = numbers
        if text[second].glued and not text[first + 1].glued:
            return [(first + 1, end)]
        if text[first + 1].glued and not text[second].glued:
            return [(start, second)]
        raise Unclear
    else:
        raise Unclear
    return list(pairwise(bounds))


def _currency(text: list[Piece], start: int, end: int, codes: frozenset[str], reading: Reading) -> str:
    """Return the currency that is meant. Raises Unclear when there may be another."""
    code = chosen(codes, reading.currency)
    if code is None:
        raise Unclear
    if len(codes) > 1:
        before, after = (text[start - 1] if start else None), (text[end] if end < len(text) else None)
        if after is not None and after.kind == "word" and not vocabulary.known(after.word):
            raise Unclear  # pesos mexicanos
        if before is not None and before.kind == "word" and _qualifies(before):
            raise Unclear  # Canadian $
    return code


def _qualifies(word: Piece) -> bool:
    """Return whether a word before a sign may say whose it is."""
    return (word.text.isupper() and len(word.text) <= 3 and not vocabulary.known(word.word)) or (
        word.word in TABLES["adjectives"]
    )


def _amount(text: list[Piece], at: int, code: str, reading: Reading) -> Decimal:
    """Return the amount of a number. Raises Unclear."""
    piece = text[at]
    after = text[at + 1] if at + 1 < len(text) else None
    if piece.number is None or (after is not None and after.kind == "word" and after.glued):
        raise Unclear
    if after is not None and after.text == "%":
        raise Unclear
    value = numerals.amount(piece.number, *_levels(text, code, reading), code)
    amount = numerals.money(value * piece.times, code) if value is not None else None
    if amount is None:
        raise Unclear
    return amount


def _levels(text: list[Piece], code: str, reading: Reading) -> tuple[list[frozenset[str] | None], frozenset[str]]:
    """Return the decimal marks that the words, the page and the target's default speak for, and the page's."""
    said: set[str] = set()
    for languages in vocabulary.spoken(piece.word for piece in text if piece.kind == "word"):
        marks = frozenset[str]().union(*(decimal_marks(language, code) for language in languages))
        said |= marks if len(marks) == 1 else NOTHING
    page = decimal_marks(reading.page, code) if reading.page else NOTHING
    default = decimal_marks(reading.language, code) if reading.language else NOTHING
    return [None if len(said) > 1 else frozenset(said), page, default], page


def _ranges(text: list[Piece], found: list[Sum], reading: Reading) -> list[Sum]:
    """Return amounts with the lower end of a range instead, whether its currency is said twice or once."""
    kept: list[Sum] = []
    for total in found:
        before = kept[-1] if kept else None
        if before is not None and _is_range(text[before.end : total.start]) and before.currency == total.currency:
            if before.amount >= total.amount:
                raise Unclear
            before.end = total.end
            continue
        low = total.start - 2
        if low >= 0 and text[low].kind == "number" and _is_range(text[low + 1 : total.start]):
            kept.append(_ranged(text, low, total, reading))
            continue
        high = total.end + 1
        ranged = high < len(text) and text[high].kind == "number" and _is_range(text[total.end : high])
        if ranged and text[total.end].kind == "mark":  # $25-40, and not $25 to 40 people
            total.end = high + 1
        kept.append(total)
    return kept


def _is_range(between: Sequence[Piece]) -> bool:
    return len(between) == 1 and between[0].word in vocabulary.RANGE


def _ranged(text: list[Piece], low: int, total: Sum, reading: Reading) -> Sum:
    amount = _amount(text, low, total.currency, reading)
    times = max(piece.times for piece in text[total.start : total.end])
    if text[low].times == 1 and times > 1 and amount * times < total.amount:
        amount *= times  # 10–15 тыс.
    if amount >= total.amount:
        raise Unclear
    return Sum(amount, total.currency, low, total.end)


def alone(text: list[Piece], reading: Reading, default: str | None) -> list[Sum]:
    """Return the only number of a text, or range of two, with a currency that stands elsewhere or with the default one.

    Raises Unclear when a word beside it may be a currency.
    """
    named = [piece.codes for piece in text if piece.kind == "currency"]
    code = chosen(frozenset.intersection(*named), default) if named else default
    numbers = [at for at, piece in enumerate(text) if piece.kind in ("number", "broken") and not _is_count(text, at)]
    ranged = len(numbers) == 2 and _is_range(text[numbers[0] + 1 : numbers[1]])
    if code is None or not (ranged or len(numbers) == 1):
        return []
    first, last = numbers[0], numbers[-1]
    beside = [text[at] for at in (first - 1, last + 1) if 0 <= at < len(text)]
    slashed = first > 0 and text[first - 1].text == "/"  # S/ 450
    glued = any(piece.kind == "word" and _is_mixed(piece.text) for piece in text)  # Kz450
    if slashed or glued or any(text[at].kind == "broken" for at in numbers) or not all(map(_is_plain, beside)):
        raise Unclear
    return [Sum(_amount(text, first, code, reading), code, first, last + 1)]


def _is_mixed(word: str) -> bool:
    """Return whether letters and digits stand in one word that we do not know."""
    return any(sign.isdigit() for sign in word) and not vocabulary.known(word.casefold())


def _is_count(text: list[Piece], at: int) -> bool:
    """Return whether a number counts units of time, as one hour does."""
    return at + 1 < len(text) and text[at + 1].word in UNITS and text[at].value == 1 and at > 0


def _is_plain(piece: Piece) -> bool:
    if piece.kind == "word":
        return vocabulary.known(piece.word) and piece.text not in TABLES["symbols"]  # P, DA, Le
    return piece.kind in ("line", "number") or piece.text in "/-–—:(),;.|•+*«»\"'"
