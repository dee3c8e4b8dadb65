"""What mails say."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from mesto.contracts.events import BookingState
from mesto.contracts.money import Money
from mesto.contracts.text import Language, Text
from mesto.notifications.messages.rules import booking as mails
from mesto.notifications.messages.rules.booking import KINDS
from mesto.notifications.messages.rules.formats import (
    format_date,
    format_day,
    format_money,
    format_period,
    format_seats,
)
from mesto.notifications.messages.rules.text import MailText
from support.servers.notifications import moved


def booked(kind: str = "confirmed", **changes: Any) -> BookingState:
    facts: dict[str, Any] = {
        "space_title": {"ru": "Лофт", "en": None},
        "resource_title": {"ru": None, "en": "Open space"},
        "seats": 1,
        "total": rubles("250.00"),
    }
    return moved(kind, uuid4(), **facts | changes).booking


def rubles(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


def compose(kind: str, locale: str, name: str, booking: BookingState, cause: str = "") -> MailText:
    return mails.compose(kind, locale, name, booking, cause)


def money(amount: Decimal, currency: str, locale: str) -> str:
    return format_money(Money(amount=amount, currency=currency), locale)


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
        (0, "0 мест"),
        (122, "122 места"),
    ],
)
def test_russian_counts_seats_in_three_forms(number: int, russian: str) -> None:
    assert format_seats(number, "ru") == russian


def test_english_counts_seats_in_two_forms() -> None:
    assert (format_seats(1, "en"), format_seats(2, "en")) == ("1 seat", "2 seats")


def test_money_is_written_as_readers_do() -> None:
    assert money(Decimal("1250.50"), "RUB", "ru") == "1\u00a0250,50\u00a0₽"
    assert money(Decimal("1250.00"), "RUB", "ru") == "1\u00a0250\u00a0₽"
    assert money(Decimal("1250.50"), "USD", "en") == "$1,250.50"
    assert money(Decimal("90.00"), "AED", "en") == "AED\u00a090"
    assert money(Decimal("1.250"), "KWD", "en") == "KWD\u00a01.250"
    assert money(Decimal("1234567.89"), "EUR", "en") == "€1,234,567.89"
    assert money(Decimal("1234567.00"), "GBP", "ru") == "1\u00a0234\u00a0567\u00a0£"
    assert money(Decimal("1500"), "JPY", "ru") == "1\u00a0500\u00a0JPY"
    assert (money(Decimal("0.00"), "RUB", "ru"), money(Decimal(0), "JPY", "en")) == ("бесплатно", "free of charge")


def test_times_are_the_venues() -> None:
    start, end = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)
    # New York puts its clocks back at 6:00 UTC that day: the three hours look like two.
    assert format_period(start, end, "America/New_York", "en") == "Sunday, 1 November 2026, 00:00–02:00"
    assert format_period(start, end, "Europe/Moscow", "ru") == "воскресенье, 1 ноября 2026 г., 07:00–10:00"


@pytest.mark.parametrize(
    ("locale", "months"),
    [
        ("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
        ("en", "January February March April May June July August September October November December"),
    ],
)
def test_every_month_is_named_as_in_a_date(locale: Language, months: str) -> None:
    dates = [format_date(datetime(2026, month, 1, tzinfo=UTC), locale) for month in range(1, 13)]
    assert [date.split()[1] for date in dates] == months.split()
    assert dates[0] == {"ru": "1 января 2026 г.", "en": "1 January 2026"}[locale]


@pytest.mark.parametrize(
    ("locale", "days"),
    [
        ("ru", "понедельник вторник среда четверг пятница суббота воскресенье"),
        ("en", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    ],
)
def test_every_weekday_is_named(locale: Language, days: str) -> None:
    week = [format_day(datetime(2026, 11, 23 + day, tzinfo=UTC), locale) for day in range(7)]
    assert [date.partition(",")[0] for date in week] == days.split()


def test_a_night_names_both_days() -> None:
    start, end = datetime(2026, 12, 31, 20, tzinfo=UTC), datetime(2027, 1, 1, 2, tzinfo=UTC)
    said = format_period(start, end, "Europe/Moscow", "ru")
    assert said == "четверг, 31 декабря 2026 г., 23:00 – пятница, 1 января 2027 г., 05:00"


def test_the_end_is_counted_from_the_last_covered_minute() -> None:
    # Cairo skips the hour after midnight: the end of the 29th shows one o'clock on the 30th.
    start, end = datetime(2027, 4, 29, 18, tzinfo=UTC), datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert format_period(start, end, "Africa/Cairo", "en") == "Thursday, 29 April 2027, 20:00–24:00"
    assert (
        format_period(start, end, "Europe/Moscow", "en")
        == "Thursday, 29 April 2027, 21:00 – Friday, 30 April 2027, 01:00"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_mail_has_its_words_in_both_languages(kind: str, locale: str) -> None:
    words = compose(kind, locale, "Анна", booked())
    assert words.subject.endswith("Лофт")
    assert words.lead
    assert "Open space" in [value for _, value in words.facts]


def test_a_refund_is_named_and_none_is_not() -> None:
    said = compose("cancelled", "en", "Anna", booked(refund=rubles("125.00")), "cancelled_by_renter")
    assert "We will refund ₽125 the way you paid." in said.notes
    assert said.facts[-1] == ("Refund", "₽125")
    nothing = compose("cancelled", "en", "Anna", booked(refund=rubles("0.00")))
    assert not [note for note in nothing.notes if "refund" in note]


def test_who_ended_a_booking_is_said() -> None:
    assert compose("cancelled", "ru", "А", booked(), "cancelled_by_owner").lead.startswith("Площадка отменила")
    assert "did not answer in time" in compose("declined", "en", "A", booked(), "approval_timeout").lead


def test_a_request_says_until_when_the_venue_may_answer() -> None:
    by = datetime(2026, 11, 24, 7, tzinfo=UTC)
    asked = compose("awaiting_approval", "en", "Anna", booked("awaiting_approval", expires_at=by)).lead
    assert "answers by Tuesday, 24 November 2026, 10:00" in asked
    assert asked.endswith("you get everything back.")
    free = compose(
        "awaiting_approval", "ru", "Анна", booked("awaiting_approval", expires_at=by, total=rubles("0.00"))
    ).lead
    assert "ответит до вторник" not in free
    assert "Площадка подтверждает бронирования сама" in free
    assert "24 ноября 2026 г., 10:00" in free
    assert "вернём" not in free
    assert "answers by" not in compose("awaiting_approval", "en", "Anna", booked("awaiting_approval")).lead


def test_a_move_is_told_with_both_addresses() -> None:
    said = compose("changed", "ru", "Анна", booked(moved_to="Тверская улица, 1"))
    assert said.subject == "Площадка переехала: Лофт"
    assert ("Адрес", "Тверская улица, 1 (при бронировании: Мясницкая улица, 13)") in said.facts
    back = compose("changed", "en", "Anna", booked())
    assert ("Address", "Мясницкая улица, 13") in back.facts


@pytest.mark.parametrize(("locale", "greeting"), [("ru", "Здравствуйте!"), ("en", "Hello,")])
def test_a_mail_greets_without_such_a_name(locale: str, greeting: str) -> None:
    assert compose("confirmed", locale, "Win http://evil.example", booked()).greeting == greeting


def test_texts_of_owners_stay_on_their_line() -> None:
    title = Text.model_construct(ru=None, en="Loft\r\nRefund: 100\x1b[31m")
    words = compose(
        "confirmed", "en", "Anna", booked().model_copy(update={"space_title": title, "address": "Street\n1"})
    )
    assert words.subject == "Booking confirmed: Loft Refund: 100 [31m"
    assert ("Address", "Street 1") in words.facts
