"""Numbers as tables have them. Which mark begins the decimals is read only where nothing else can be meant."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

Mark = Literal["comma", "dot"]
_MARKS: dict[str, str] = {"comma": ",", "dot": "."}
# What spreadsheets put between groups of three: blanks, those that do not break, apostrophes.
_BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"
_GROUPED = re.compile(rf"\d{{1,3}}([{_BLANKS}]|['\N{{RIGHT SINGLE QUOTATION MARK}}])\d{{3}}(\1\d{{3}})*(?!\d)")
_MARKED = re.compile(r"(-?)([\d.,]*\d)", re.ASCII)


def number(text: str, mark: Mark | None = None) -> Decimal:
    """Return the number that a cell says; ``mark`` begins the decimals, None: where the cell alone says which does.

    Raises ValueError with a sentence.
    """
    stripped = text.strip(_BLANKS + "\t\r\n")
    grouped = _GROUPED.search(stripped)
    plain = stripped
    if grouped:
        plain = stripped[: grouped.start()] + re.sub(r"\D", "", grouped[0]) + stripped[grouped.end() :]
    found = _MARKED.fullmatch(plain)
    if found is None:
        raise ValueError(f'"{text}" is not a number; write a number such as 250.00')
    sign, digits = found[1], found[2]
    decimal = _MARKS[mark] if mark else _decimal_mark(text, digits, grouped=grouped is not None)
    other = "," if decimal == "." else "."
    whole, _, rest = digits.partition(decimal)
    if decimal in rest or other in rest or (other in whole and (grouped or not _groups(whole, other))):
        raise ValueError(f'"{text}" is not a number with a decimal {_name(decimal)}; write a number such as 250.00')
    return Decimal(f"{sign}{whole.replace(other, '') or '0'}.{rest or '0'}").normalize()


def _name(mark: str) -> str:
    return "comma" if mark == "," else "dot"


def _groups(whole: str, mark: str) -> bool:
    """Return whether a mark stands between groups of three, as in 1,250,000."""
    first, *others = whole.split(mark)
    return 1 <= len(first) <= 3 and not first.startswith("0") and all(len(group) == 3 for group in others)


def _decimal_mark(text: str, digits: str, *, grouped: bool) -> str:
    """Return the mark that can only be the decimals'. Raises ValueError with both readings where there are two."""
    marks = [sign for sign in digits if sign in ".,"]
    if not marks:
        return "."
    if len(set(marks)) == 2:
        return marks[-1]
    (mark,) = set(marks)
    if len(marks) > 1:
        return "." if mark == "," else ","  # 1,250,000: there is one mark before decimals only
    if not grouped and _groups(digits, mark):
        larger, smaller = digits.replace(mark, ""), digits.replace(mark, ".")
        raise ValueError(
            f'"{text}" may be {larger} or {smaller}; say which mark begins decimals: --decimal comma or dot'
        )
    return mark
