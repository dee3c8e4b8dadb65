"""What a mail about a booking says, in Russian and English. Times are those of the venue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mesto.notifications.messages.rules.names import greeted

KINDS = ("confirmed", "awaiting_approval", "changed", "cancelled", "declined", "expired")
"""Transitions that are worth a mail."""

_DAYS = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£"}
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Booked:
    """A booking as a mail needs it; ``refund`` is None when there is nothing to give back.

    ``moved_to`` is where the space is now, None when that is the ``address`` that was booked. ``answer_by`` is until
    when the venue may answer a request.
    """

    space_title: Mapping[str, str | None]
    resource_title: Mapping[str, str | None]
    address: str
    moved_to: str | None
    time_zone: str
    start: datetime
    end: datetime
    seats: int
    total: tuple[Decimal, str]
    refund: tuple[Decimal, str] | None
    cause: str
    answer_by: datetime | None = None


@dataclass(frozen=True)
class Wording:
    """A mail's words: ``facts`` are label and value."""

    subject: str
    greeting: str
    lead: str
    notes: list[str]
    facts: list[tuple[str, str]]
    button: str
    footer: str


def plural_ru(number: int, one: str, few: str, many: str) -> str:
    """The Russian form of a noun after a number: 1 место, 2 места, 5 мест, 11 мест, 21 место."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return few
    return many


def seats(number: int, locale: str) -> str:
    """A number of seats, for example ``2 места``."""
    if locale == "ru":
        return f"{number} {plural_ru(number, 'место', 'места', 'мест')}"
    return f"{number} seat" if number == 1 else f"{number} seats"


def money(amount: Decimal, currency: str, locale: str) -> str:
    """``1 250 ₽`` in Russian, ``$1,250.50`` in English; whole amounts go without the zeros, nothing is free."""
    if not amount:
        return _FREE[locale]
    number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"
    symbol = _SYMBOLS.get(currency, currency)
    if locale == "ru":
        return number.replace(",", NO_BREAK).replace(".", ",") + NO_BREAK + symbol
    return symbol + number if len(symbol) == 1 else f"{symbol}{NO_BREAK}{number}"


def _date(moment: datetime, locale: str) -> str:
    return f"{_DAYS[locale][moment.weekday()]}, {_day(moment, locale)}"


def _day(moment: datetime, locale: str) -> str:
    month = _MONTHS[locale][moment.month - 1]
    return f"{moment.day} {month} {moment.year}" + (" г." if locale == "ru" else "")


def _end(end: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """A moment of the last covered minute, and the clock when it is over: 24:00 at the end of its date.

    The end itself is not covered. When the clocks change just then they show another hour, even another date.
    """
    last = (end - timedelta(microseconds=1)).astimezone(zone)
    hours, minutes = divmod(last.hour * 60 + last.minute + 1, 60)
    return last, f"{hours:02}:{minutes:02}"


def when(start: datetime, end: datetime, time_zone: str, locale: str) -> str:
    """The venue's local time, for example ``вторник, 24 ноября 2026 г., 10:00–13:00``."""
    zone = ZoneInfo(time_zone)
    first, (last, until) = start.astimezone(zone), _end(end, zone)
    if first.date() == last.date():
        return f"{_date(first, locale)}, {first:%H:%M}–{until}"
    return f"{_date(first, locale)}, {first:%H:%M} – {_date(last, locale)}, {until}"


def _line(text: str) -> str:
    """A text of an owner on one line: it must not look like lines of ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _in(texts: Mapping[str, str | None], locale: str) -> str:
    """A text in the language, or in the other one."""
    return _line(texts.get(locale) or next((text for text in texts.values() if text), ""))


_SUBJECTS = {
    "ru": {
        "confirmed": "Бронирование подтверждено: {title}",
        "awaiting_approval": "Ждём ответа площадки: {title}",
        "changed": "Площадка переехала: {title}",
        "cancelled": "Бронирование отменено: {title}",
        "declined": "Площадка отклонила заявку: {title}",
        "expired": "Время на оплату вышло: {title}",
    },
    "en": {
        "confirmed": "Booking confirmed: {title}",
        "awaiting_approval": "Waiting for the venue: {title}",
        "changed": "The venue has moved: {title}",
        "cancelled": "Booking cancelled: {title}",
        "declined": "The venue declined your request: {title}",
        "expired": "The time to pay has run out: {title}",
    },
}
_LEADS = {
    "ru": {
        "confirmed": "Бронирование подтверждено. Ждём вас!",
        "awaiting_approval": "Оплата получена.",
        "changed": "Площадка теперь в другом месте. Ваше бронирование остаётся в силе: приходите по новому адресу. "
        "Если он вам не подходит, бронирование можно отменить.",
        "cancelled": "Вы отменили бронирование.",
        "declined": "К сожалению, площадка не может вас принять.",
        "expired": "Место больше не удерживается. Если оно вам ещё нужно, забронируйте его снова.",
    },
    "en": {
        "confirmed": "Your booking is confirmed. See you there!",
        "awaiting_approval": "Your payment has arrived.",
        "changed": "The venue is somewhere else now. Your booking stays yours: come to the new address. "
        "If it does not suit you, you can cancel the booking.",
        "cancelled": "You have cancelled your booking.",
        "declined": "Sorry, the venue cannot have you at this time.",
        "expired": "The seat is no longer kept for you. If you still need it, book it again.",
    },
}
_FREE = {"ru": "бесплатно", "en": "free of charge"}
_ASKED = {
    "ru": "Площадка подтверждает бронирования сама{by}; до ответа бронь держится за вами.",
    "en": "This venue approves bookings itself{by}; your booking is kept until it answers.",
}
_ANSWER_BY = {"ru": " и ответит до {moment}", "en": " and answers by {moment}"}
_OTHERWISE = {"ru": " Если не ответит, вернём всё.", "en": " If it does not, you get everything back."}
_MOVED = {"ru": "{now} (при бронировании: {booked})", "en": "{now} (when you booked: {booked})"}
_BY_OWNER = {"ru": "Площадка отменила ваше бронирование.", "en": "The venue has cancelled your booking."}
_NO_ANSWER = {
    "ru": "Площадка не ответила вовремя, поэтому заявка закрыта.",
    "en": "The venue did not answer in time, so the request is closed.",
}
_LABELS = {
    "ru": ("Пространство", "Место", "Когда", "Адрес", "Мест", "Стоимость", "Вернём"),
    "en": ("Space", "Resource", "When", "Address", "Seats", "Price", "Refund"),
}
_CLOCK = {"ru": "Время местное для площадки ({zone}).", "en": "The time is local to the venue ({zone})."}
_GREETING = {"ru": "Здравствуйте, {name}!", "en": "Hello {name},"}
_GREETING_WITHOUT_NAME = {"ru": "Здравствуйте!", "en": "Hello,"}
_BUTTON = {"ru": "Открыть бронирование", "en": "Open the booking"}
_FOOTER = {
    "ru": "Вы получили это письмо, потому что бронировали место через Место.",
    "en": "You are receiving this because you booked a seat with Mesto.",
}
_REFUND = {
    "ru": "Вернём {money} тем же способом, каким вы платили.",
    "en": "We will refund {money} the way you paid.",
}


def _lead(kind: str, booked: Booked, locale: str) -> str:
    if kind == "awaiting_approval":
        return _asked(booked, locale)
    if kind == "cancelled" and booked.cause == "cancelled_by_owner":
        return _BY_OWNER[locale]
    if kind == "declined" and booked.cause == "approval_timeout":
        return _NO_ANSWER[locale]
    return _LEADS[locale][kind]


def _asked(booked: Booked, locale: str) -> str:
    """What was asked of the venue, and until when it may answer: at the latest the booking's start."""
    free, by = not booked.total[0], ""
    if booked.answer_by is not None:
        local = booked.answer_by.astimezone(ZoneInfo(booked.time_zone))
        # In Russian the weekday would need another case.
        date = _day(local, locale) if locale == "ru" else _date(local, locale)
        by = _ANSWER_BY[locale].format(moment=f"{date}, {local:%H:%M}")
    asked = _ASKED[locale].format(by=by)
    return asked if free else f"{_LEADS[locale]['awaiting_approval']} {asked}{_OTHERWISE[locale]}"


def _where(booked: Booked, locale: str) -> str:
    if booked.moved_to is None:
        return booked.address
    return _MOVED[locale].format(now=booked.moved_to, booked=booked.address)


def greeting(name: str, locale: str) -> str:
    """How a mail begins; without a name that looks like an address or a link."""
    known = greeted(name)
    return _GREETING[locale].format(name=known) if known else _GREETING_WITHOUT_NAME[locale]


def compose(kind: str, locale: str, name: str, booked: Booked) -> Wording:
    """The words of a mail of one of KINDS."""
    title = _in(booked.space_title, locale)
    values = [
        title,
        _in(booked.resource_title, locale),
        when(booked.start, booked.end, booked.time_zone, locale),
        _line(_where(booked, locale)),
        seats(booked.seats, locale),
        money(*booked.total, locale),
    ]
    notes = [_CLOCK[locale].format(zone=booked.time_zone)]
    if booked.refund is not None and booked.refund[0] > 0:
        values.append(money(*booked.refund, locale))
        notes.insert(0, _REFUND[locale].format(money=values[-1]))
    return Wording(
        subject=_SUBJECTS[locale][kind].format(title=title),
        greeting=greeting(name, locale),
        lead=_lead(kind, booked, locale),
        notes=notes,
        facts=[(label, value) for label, value in zip(_LABELS[locale], values, strict=False) if value],
        button=_BUTTON[locale],
        footer=_FOOTER[locale],
    )


def retry_seconds(attempts: int) -> int:
    """The pause after so many failed attempts: 5 s, 10 s, 20 s … an hour at most."""
    return min(5 << max(attempts - 1, 0), 3600)


ATTEMPTS = 24
"""About half a day of trying (the pauses grow to an hour), then a person has to look."""
