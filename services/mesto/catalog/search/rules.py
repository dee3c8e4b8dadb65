"""Words for kinds of resources, price buckets, and sort keys out of cursors."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from mesto.contracts.money import SYMBOLS, smallest
from mesto.contracts.text import Language

Sort = Literal["price", "-price", "title", "-title", "newest", "distance"]
SortKey = str | int | Decimal | datetime
"""What the list is ordered by: a title, metres, an amount, an instant."""

KINDS: dict[str, dict[str, str]] = {
    "hot_desk": {"ru": "Свободное место", "en": "Hot desk"},
    "dedicated_desk": {"ru": "Закреплённое место", "en": "Dedicated desk"},
    "meeting_room": {"ru": "Переговорная", "en": "Meeting room"},
    "office": {"ru": "Офис", "en": "Office"},
    "event_space": {"ru": "Зал для мероприятий", "en": "Event space"},
}


# 0, 1, 2, 5, 10, 20, 50 … up to the largest storable amount: buckets that suit every currency.
PRICE_EDGES: tuple[int, ...] = (0, *(step * 10**power for power in range(10) for step in (1, 2, 5)))


def kind_label(kind: str, language: Language) -> str:
    """Return the word for a kind of resource."""
    return KINDS[kind][language]


def bucket(amount: Decimal) -> int:
    """Return the number (from 1) of the price bucket of an amount, as PostgreSQL's width_bucket counts."""
    return bisect_right(PRICE_EDGES, amount)


def bucket_value(number: int, currency: str) -> str:
    """Return ``"<price_min>-<price_max>"`` of a bucket: pass the two as filters and the bucket's spaces are found."""
    low, high = _edges(number)
    step = smallest(currency)
    return f"{low.quantize(step)}-{high - step}"


def bucket_label(number: int, currency: str) -> str:
    """Return a bucket for people, for example ``200–500 ₽``."""
    low, high = _edges(number)
    return f"{low:,}–{high:,} {SYMBOLS.get(currency, currency)}".replace(",", "\u202f")


def _edges(number: int) -> tuple[Decimal, Decimal]:
    high = PRICE_EDGES[number] if number < len(PRICE_EDGES) else 10**10
    return Decimal(PRICE_EDGES[number - 1]), Decimal(high)


def cursor_key(sort: Sort, value: object) -> SortKey:
    """Return the sort key out of a cursor.

    Raises ValueError, TypeError or ArithmeticError when it is none of this sort's.
    """
    if sort in ("price", "-price"):
        amount = Decimal(str(value)) if isinstance(value, str) else None
        if amount is None or not amount.is_finite() or abs(amount) >= 10**12:
            raise ValueError("not a price")
        return amount
    if sort == "newest":
        if not isinstance(value, str):
            raise TypeError("not an instant")
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("not an instant")
        return moment.astimezone(UTC)
    if sort == "distance":
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("not a key of this sort")
        if abs(value) >= 2**31:
            raise ValueError("not a distance")
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a key of this sort")
    return value
