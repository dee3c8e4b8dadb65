"""Numbers as people write them: what stands before and after a mark, and which of the two a lone mark may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from mesto.contracts.money import smallest
from mesto.spiders.currencies import usual_marks

_BLANK = " \xa0\u2007\u2009\u202f"
_APOSTROPHE = "'’ʼ´"
NUMBER: Final = (
    rf"[0-9]{{1,3}}(?:(?P<group>[{_BLANK}{_APOSTROPHE}.,·٬])[0-9]{{3}}(?![0-9]))(?:(?P=group)[0-9]{{3}}(?![0-9]))*"
    r"(?:(?!(?P=group))[.,·][0-9]+)?|"
    r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?(?![0-9])|"  # 1,25,000 in India
    r"[0-9]+(?:[.,][0-9]+)?"
)
"""What is read as one number; it may not be followed by a mark and more digits."""
_TENS = re.compile(r"(?<=[0-9])([⁰¹²³⁴-⁹]{2})(?![⁰¹²³⁴-⁹])")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LARGEST = Decimal(10) ** 10


@dataclass(frozen=True)
class Numeral:
    """A number as written. ``lone`` is its only mark when three digits follow it: thousands, or a decimal."""

    whole: str
    fraction: str
    lone: str = ""

    def read(self, decimal: bool = False) -> Decimal:
        """Return the number; ``decimal`` says what a lone mark is."""
        if self.lone and not decimal:
            return Decimal(self.whole + self.fraction)
        return Decimal(f"{self.whole}.{self.fraction or 0}")


def numeral(written: str) -> Numeral:
    """Take a number apart. Groups never begin with a nought, so 0.500 is a half whoever writes it."""
    text = re.sub(f"[{_BLANK}{_APOSTROPHE}·٬]", "_", written)
    marks = re.findall("[.,_]", text)
    if not marks:
        return Numeral(text, "")
    head, _, tail = text.rpartition(marks[-1])
    digits = re.sub("[^0-9]", "", head)
    if marks[-1] == "_" or marks.count(marks[-1]) > 1:  # groups only: 1 200 300, 1.200.300
        return Numeral(digits + tail, "")
    groups = len(marks) == 1 and len(tail) == 3 and len(digits) <= 3 and not digits.startswith("0")
    return Numeral(digits, tail, marks[0] if groups else "")


def amount(
    numeral: Numeral, levels: list[frozenset[str] | None], page: frozenset[str], currency: str | None
) -> Decimal | None:
    """Return what a number says.

    A lone mark is read by the first of ``levels`` (decimal marks of the words beside it, the page, the target's
    default) that knows one, else by the currency's usual mark. None where they contradict each other or say nothing,
    and where a decimal of three digits is not what the ``page`` or the currency's countries would write.
    """
    if not numeral.lone:
        return numeral.read()
    usual = usual_marks(currency)
    for marks in (*levels, usual):
        if marks is None:
            return None
        if len(marks) != 1:
            continue
        decimal = numeral.lone in marks
        if decimal and any(len(other) == 1 and numeral.lone not in other for other in (page, usual)):
            return None
        return numeral.read(decimal)
    return None


def money(value: Decimal, currency: str) -> Decimal | None:
    """Return an amount rounded to the decimals of its currency; None for what no price is."""
    if not value.is_finite() or not 0 <= value < _LARGEST:
        return None
    rounded = value.quantize(smallest(currency), ROUND_HALF_UP)
    return rounded if rounded < _LARGEST else None


def machine(text: str) -> Decimal | None:
    """Return a number as programs write it, with a dot (schema.org); None for anything else, below nought too."""
    return Decimal(text) if re.fullmatch(r"[0-9]{1,20}(?:\.[0-9]{1,20})?", text.strip(), re.ASCII) else None


def lowered(text: str) -> str:
    """Read raised digits behind a number, as in 450⁰⁰, as its hundredths."""

    def hundredths(found: re.Match[str]) -> str:
        before = re.search(r"[0-9][0-9.,\s]*$", text[: found.start()])
        mark = "," if before and "." in before.group() else "."
        return mark + found.group().translate(_RAISED)

    return _TENS.sub(hundredths, text)
