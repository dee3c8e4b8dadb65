"""Sort keys out of cursors: what is not ours is refused, never passed to the database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from mesto.catalog.search.rules import cursor_key


@pytest.mark.parametrize(
    ("sort", "value", "key"),
    [
        ("price", "250.00", Decimal("250.00")),
        ("title", "Лофт", "Лофт"),
        ("distance", 120, 120),
        ("newest", "2026-11-23T12:00:00+03:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
    ],
)
def test_keys_come_back(sort: Any, value: Any, key: Any) -> None:
    assert cursor_key(sort, value) == key


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("price", 250),
        ("price", "NaN"),
        ("price", "1e400"),
        ("-price", "abc"),
        ("title", 1),
        ("-title", "a\x00"),
        ("distance", True),
        ("distance", 2**31),
        ("distance", "5"),
        ("newest", "2026-11-23"),
        ("newest", "0001-01-01T00:00:00+23:00"),
        ("newest", 5),
    ],
)
def test_foreign_keys_are_refused(sort: Any, value: Any) -> None:
    with pytest.raises((ValueError, TypeError, ArithmeticError)):
        cursor_key(sort, value)
