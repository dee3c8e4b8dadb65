"""JSON whose numbers remember how they were written, so that an amount is never the nearest binary fraction."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

_LARGEST_EXPONENT = 40


class Written(float):
    """A number with a fraction or an exponent, for JMESPath a number like any other; ``text`` is how it stood there."""

    text: str

    def __new__(cls, text: str) -> Written:
        number = super().__new__(cls, text)
        number.text = text
        return number


Written.__name__ = "float"  # JMESPath goes by the names of types


def loads(document: str | bytes) -> Any:
    """Decode JSON. Raises ValueError or RecursionError."""
    return json.loads(document, strict=False, parse_float=Written, parse_constant=lambda _: None)


def is_number(value: Any) -> bool:
    """Return whether a value is a number of JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_text(value: Any) -> str:
    """Return a text or number of JSON as plain text, numbers without exponents."""
    if isinstance(value, Written):
        exact = Decimal(value.text)
        return format(exact, "f") if abs(exact.adjusted()) < _LARGEST_EXPONENT else value.text
    return str(value).strip()
