"""What mails say."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from mesto.notifications.messages.rules.booking import KINDS, Booked, compose, money, retry_seconds, seats, when


def booked(**changes: Any) -> Booked:
    facts: dict[str, Any] = {
        "space_title": {"ru": "Лофт", "en": None},
        "resource_title": {"ru": None, "en": "Open space"},
        "address": "Мясницкая улица, 13",
        "moved_to": None,
        "time_zone": "Europe/Moscow",
        "start": datetime(2026, 11, 24, 7, tzinfo=UTC),
        "end": datetime(2026, 11, 24, 10, tzinfo=UTC),
        "seats": 1,
        "total": (Decimal("250.00"), "RUB"),
        "refund": None,
        "cause": "",
    }
    return Booked(**facts | changes)


@pytest.mark.parametrize(
    ("number", "russian"),
    [
        (1, "1 место"),
        (2, "2 места"),
        (5, "5 мест"),
        (11, "11 мест"),
        (12, "12 мест"),
        (21, "21 место"),
        (112, "112 мест"),
    ],
)
def test_russian_counts_seats_in_three_forms(number: int, russian: str) -> None:
    assert seats(number, "ru") == russian


def test_english_counts_seats_in_two_forms() -> None:
    assert (seats(1, "en"), seats(2, "en")) == ("1 seat", "2 seats")


def test_money_is_written_as_readers_do() -> None:
    assert money(Decimal("1250.50"), "RUB", "ru") == "1\u00a0250,50\u00a0₽"
    assert money(Decimal("1250.00"), "RUB", "ru") == "1\u00a0250\u00a0₽"
    assert money(Decimal("1250.50"), "USD", "en") == "$1,250.50"
    assert money(Decimal("90.00"), "AED", "en") == "AED\u00a090"
    assert money(Decimal("1.250"), "KWD", "en") == "KWD\u00a01.250"
    assert money(Decimal("1500"), "JPY", "ru") == "1\u00a0500\u00a0JPY"
    assert (money(Decimal("0.00"), "RUB", "ru"), money(Decimal(0), "JPY", "en")) == ("бесплатно", "free of charge")


def test_times_are_the_venues() -> None:
    start, end = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)
    # New York puts its clocks back at 6:00 UTC that day: the three hours look like two.
    assert when(start, end, "America/New_York", "en") == "Sunday, 1 November 2026, 00:00–02:00"
    assert when(start, end, "Europe/Moscow", "ru") == "воскресенье, 1 ноября 2026 г., 07:00–10:00"


def test_a_night_names_both_days() -> None:
    start, end = datetime(2026, 12, 31, 20, tzinfo=UTC), datetime(2027, 1, 1, 2, tzinfo=UTC)
    said = when(start, end, "Europe/Moscow", "ru")
    assert said == "четверг, 31 декабря 2026 г., 23:00 – пятница, 1 января 2027 г., 05:00"


def test_the_end_is_counted_from_the_last_covered_minute() -> None:
    # Cairo skips the hour after midnight: the end of the 29th shows one o'clock on the 30th.
    start, end = datetime(2027, 4, 29, 18, tzinfo=UTC), datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert when(start, end, "Africa/Cairo", "en") == "Thursday, 29 April 2027, 20:00–24:00"
    assert when(start, end, "Europe/Moscow", "en") == "Thursday, 29 April 2027, 21:00 – Friday, 30 April 2027, 01:00"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_mail_has_its_words_in_both_languages(kind: str, locale: str) -> None:
    words = compose(kind, locale, "Анна", booked())
    assert words.subject.endswith("Лофт")
    assert words.lead
    assert "Open space" in [value for _, value in words.facts]


def test_a_refund_is_named_and_none_is_not() -> None:
    said = compose("cancelled", "en", "Anna", booked(refund=(Decimal("125.00"), "RUB"), cause="cancelled_by_renter"))
    assert "We will refund ₽125 the way you paid." in said.notes
    assert said.facts[-1] == ("Refund", "₽125")
    nothing = compose("cancelled", "en", "Anna", booked(refund=(Decimal("0.00"), "RUB")))
    assert not [note for note in nothing.notes if "refund" in note]


def test_who_ended_a_booking_is_said() -> None:
    assert compose("cancelled", "ru", "А", booked(cause="cancelled_by_owner")).lead.startswith("Площадка отменила")
    assert "did not answer in time" in compose("declined", "en", "A", booked(cause="approval_timeout")).lead


def test_a_request_says_until_when_the_venue_may_answer() -> None:
    by = datetime(2026, 11, 24, 7, tzinfo=UTC)
    asked = compose("awaiting_approval", "en", "Anna", booked(answer_by=by)).lead
    assert "answers by Tuesday, 24 November 2026, 10:00" in asked
    assert asked.endswith("you get everything back.")
    free = compose("awaiting_approval", "ru", "Анна", booked(answer_by=by, total=(Decimal(0), "RUB"))).lead
    assert "ответит до вторник" not in free
    assert "Площадка подтверждает бронирования сама" in free
    assert "24 ноября 2026 г., 10:00" in free
    assert "вернём" not in free
    assert "answers by" not in compose("awaiting_approval", "en", "Anna", booked()).lead


def test_a_move_is_told_with_both_addresses() -> None:
    said = compose("changed", "ru", "Анна", booked(moved_to="Тверская улица, 1"))
    assert said.subject == "Площадка переехала: Лофт"
    assert ("Адрес", "Тверская улица, 1 (при бронировании: Мясницкая улица, 13)") in said.facts
    back = compose("changed", "en", "Anna", booked())
    assert ("Address", "Мясницкая улица, 13") in back.facts


def test_pauses_grow_to_an_hour() -> None:
    assert [retry_seconds(attempts) for attempts in (1, 2, 3, 24)] == [5, 10, 20, 3600]


@pytest.mark.parametrize(("locale", "greeting"), [("ru", "Здравствуйте!"), ("en", "Hello,")])
def test_a_mail_greets_without_such_a_name(locale: str, greeting: str) -> None:
    assert compose("confirmed", locale, "Win http://evil.example", booked()).greeting == greeting


def test_texts_of_owners_stay_on_their_line() -> None:
    words = compose(
        "confirmed",
        "en",
        "Anna",
        booked(space_title={"ru": None, "en": "Loft\r\nRefund: 100\x1b[31m"}, address="Street\n1"),
    )
    assert words.subject == "Booking confirmed: Loft Refund: 100 [31m"
    assert ("Address", "Street 1") in words.facts
