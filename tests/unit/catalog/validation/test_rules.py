"""What is refused of a declared space, by field."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.catalog.validation.rules import faults
from mesto.contracts.spaces import SpaceSpec

DESK = {"name": "desk", "kind": "hot_desk", "seats": 2}
PRICE = {"per": "hour", "amount": "1.00", "currency": "RUB"}


def spec(**changes: Any) -> SpaceSpec:
    declared: dict[str, Any] = {
        "title": {"ru": "Лофт"},
        "city": "moscow",
        "address": "Мясницкая, 13",
        "location": {"latitude": 55.7, "longitude": 37.6},
        "time_zone": "Europe/Moscow",
        "opening_hours": [{"days": ["mon", "tue"], "open": "08:00", "close": "24:00"}],
        "resources": [{**DESK, "prices": [PRICE]}],
    }
    return SpaceSpec.model_validate(declared | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"resources": [], "opening_hours": []},
        {
            "opening_hours": [
                {"days": ["mon"], "open": a, "close": b} for a, b in (("08:00", "12:00"), ("12:00", "13:00"))
            ]
        },
        {
            "exceptions": [
                {"date": "2027-01-01", "closed": True},
                {"date": "2027-01-02", "open": "10:00", "close": "11:00"},
            ]
        },
        {
            "exceptions": [
                {"date": "2027-01-01", "open": a, "close": b}
                for a, b in (("08:00", "12:00"), ("13:00", "16:00"), ("20:00", "04:00"))
            ]
        },
        {"opening_hours": [{"days": ["fri", "sat", "sun", "mon"], "open": "10:00", "close": "10:00"}]},
        {
            "opening_hours": [
                {"days": ["fri"], "open": "20:00", "close": "24:00"},
                {"days": ["sat"], "open": "00:00", "close": "04:00"},
                {"days": ["sat"], "open": "22:00", "close": "04:00"},
                {"days": ["sun"], "open": "04:00", "close": "06:00"},
            ]
        },
        {"resources": [{**DESK, "min_duration_minutes": 60, "max_duration_minutes": 60}]},
        {"booking": {"cancellation": []}},
        {"contacts": {"phone": "+74951234567", "email": "a@b.org", "website": "http://xn--80a.example/x?y=1"}},
        {"photos": [{"url": "https://картинки.example/а.jpg"}]},
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    assert faults(spec(**changes)) == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": {}}),
        ("title", {"title": {"ru": "  "}}),
        ("time_zone", {"time_zone": "Europe/Moskau"}),
        ("time_zone", {"time_zone": "../../etc/passwd"}),
        ("time_zone", {"time_zone": ""}),
        ("time_zone", {"time_zone": "Factory"}),
        ("amenities", {"amenities": ["wifi", "wifi"]}),
        ("photos.0.url", {"photos": [{"url": "javascript:alert(1)"}]}),
        ("photos.0.url", {"photos": [{"url": "https:///path"}]}),
        ("photos.0.url", {"photos": [{"url": "https://example.org/a b"}]}),
        ("photos.0.url", {"photos": [{"url": "https://[example.org"}]}),
        ("contacts.phone", {"contacts": {"phone": "123"}}),
        ("contacts.email", {"contacts": {"email": "loft"}}),
        ("contacts.website", {"contacts": {"website": "loft.example.org"}}),
        ("opening_hours.0.open", {"opening_hours": [{"days": ["mon"], "open": "08:01", "close": "10:00"}]}),
        ("opening_hours.0.close", {"opening_hours": [{"days": ["mon"], "open": "08:00", "close": "10:03"}]}),
        ("exceptions.0.close", {"exceptions": [{"date": "2027-01-01", "open": "10:00", "close": "11:59"}]}),
        ("exceptions.0.date", {"exceptions": [{"date": "1999-12-31", "closed": True}]}),
        (
            "booking.cancellation",
            {
                "booking": {
                    "cancellation": [
                        {"before_minutes": 60, "refund_percent": 60},
                        {"before_minutes": 120, "refund_percent": 50},
                    ]
                }
            },
        ),
        (
            "opening_hours",
            {
                "opening_hours": [
                    {"days": ["sun"], "open": "22:00", "close": "02:00"},
                    {"days": ["mon"], "open": "01:30", "close": "13:00"},
                ]
            },
        ),
        (
            "exceptions",
            {
                "exceptions": [
                    {"date": "2027-01-01", "open": a, "close": b} for a, b in (("08:00", "12:00"), ("11:00", "13:00"))
                ]
            },
        ),
        (
            "exceptions",
            {
                "exceptions": [
                    {"date": "2027-01-01", "closed": True},
                    {"date": "2027-01-01", "open": "11:00", "close": "13:00"},
                ]
            },
        ),
        (
            "exceptions",
            {
                "exceptions": [
                    {"date": "2027-01-01", "open": "20:00", "close": "03:00"},
                    {"date": "2027-01-02", "open": "02:00", "close": "13:00"},
                ]
            },
        ),
        (
            "exceptions",
            {"exceptions": [{"date": "2027-01-03", "open": "20:00", "close": "09:00"}]},
        ),  # Monday opens at 8
        ("opening_hours", {"opening_hours": [{"days": ["mon", "mon"], "open": "10:00", "close": "11:00"}]}),
        (
            "opening_hours",
            {
                "opening_hours": [
                    {"days": ["mon", "tue"], "open": "08:00", "close": "12:00"},
                    {"days": ["tue"], "open": "11:30", "close": "13:00"},
                ]
            },
        ),
        ("exceptions", {"exceptions": [{"date": "2027-01-01", "closed": True}] * 2}),
        ("exceptions.0", {"exceptions": [{"date": "2027-01-01"}]}),
        ("exceptions.0", {"exceptions": [{"date": "2027-01-01", "closed": True, "open": "10:00"}]}),
        ("resources", {"resources": [DESK, DESK]}),
        (
            "resources.0.min_duration_minutes",
            {"resources": [{**DESK, "slot_minutes": 30, "min_duration_minutes": 45, "max_duration_minutes": 60}]},
        ),
        ("resources.0.max_duration_minutes", {"resources": [{**DESK, "slot_minutes": 60, "max_duration_minutes": 30}]}),
        (
            "resources.0.min_notice_minutes",
            {"resources": [{**DESK, "max_advance_days": 1, "min_notice_minutes": 1441}]},
        ),
        ("resources.0.prices.0.currency", {"resources": [{**DESK, "prices": [PRICE | {"currency": "ZZZ"}]}]}),
        ("resources.0.prices.0.amount", {"resources": [{**DESK, "prices": [PRICE | {"amount": "1000000000.01"}]}]}),
        ("resources.0.prices", {"resources": [{**DESK, "prices": [PRICE, PRICE]}]}),
        (
            "resources.0.max_duration_minutes",
            {"resources": [{**DESK, "min_duration_minutes": 60, "max_duration_minutes": 30}]},
        ),
        ("booking.cancellation", {"booking": {"cancellation": [{"before_minutes": 5, "refund_percent": 5}] * 2}}),
    ],
)
def test_refused_with_the_field_and_a_sentence(field: str, changes: dict[str, Any]) -> None:
    found = faults(spec(**changes))
    assert [fault[0] for fault in found] == [field]
    assert found[0][1].endswith(".")
