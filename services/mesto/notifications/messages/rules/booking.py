"""What a mail about a booking says, in Russian and English. Times are those of the venue."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from mesto.contracts.events import BookingState
from mesto.contracts.text import Language
from mesto.notifications.messages.rules.formats import (
    format_date,
    format_day,
    format_money,
    format_period,
    format_seats,
)
from mesto.notifications.messages.rules.names import name_for_greeting
from mesto.notifications.messages.rules.text import MailText

KINDS = ("confirmed", "awaiting_approval", "changed", "cancelled", "declined", "expired")
"""Transitions that are worth a mail."""

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
_APPROVAL = {
    "ru": "Площадка подтверждает бронирования сама{by}; до ответа бронь держится за вами.",
    "en": "This venue approves bookings itself{by}; your booking is kept until it answers.",
}
_ANSWER_BY = {"ru": " и ответит до {moment}", "en": " and answers by {moment}"}
_NO_ANSWER_NOTE = {"ru": " Если не ответит, вернём всё.", "en": " If it does not, you get everything back."}
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


def compose(kind: str, locale: Language, name: str, booking: BookingState, cause: str) -> MailText:
    """Return the words of a mail of one of KINDS; ``cause`` is that of the transition."""
    title = _on_one_line(booking.space_title.localized(locale))
    values = [
        title,
        _on_one_line(booking.resource_title.localized(locale)),
        format_period(booking.start, booking.end, booking.time_zone, locale),
        _on_one_line(_where(booking, locale)),
        format_seats(booking.seats, locale),
        format_money(booking.total, locale),
    ]
    notes = [_CLOCK[locale].format(zone=booking.time_zone)]
    if booking.refund is not None and booking.refund.amount > 0:
        values.append(format_money(booking.refund, locale))
        notes.insert(0, _REFUND[locale].format(money=values[-1]))
    return MailText(
        subject=_SUBJECTS[locale][kind].format(title=title),
        greeting=_greeting(name, locale),
        lead=_lead(kind, booking, cause, locale),
        notes=notes,
        facts=[(label, value) for label, value in zip(_LABELS[locale], values, strict=False) if value],
        button=_BUTTON[locale],
        footer=_FOOTER[locale],
    )


def _on_one_line(text: str) -> str:
    """Return a text of an owner on one line: it must not look like lines of ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _greeting(name: str, locale: Language) -> str:
    """Return how a mail begins; without a name that looks like an address or a link."""
    known = name_for_greeting(name)
    return _GREETING[locale].format(name=known) if known else _GREETING_WITHOUT_NAME[locale]


def _lead(kind: str, booking: BookingState, cause: str, locale: Language) -> str:
    if kind == "awaiting_approval":
        return _approval(booking, locale)
    if kind == "cancelled" and cause == "cancelled_by_owner":
        return _BY_OWNER[locale]
    if kind == "declined" and cause == "approval_timeout":
        return _NO_ANSWER[locale]
    return _LEADS[locale][kind]


def _approval(booking: BookingState, locale: Language) -> str:
    """Return what was asked of the venue, and until when it may answer: at the latest the booking's start."""
    by = ""
    if booking.expires_at is not None and booking.status == "awaiting_approval":
        local = booking.expires_at.astimezone(ZoneInfo(booking.time_zone))
        # In Russian the weekday would need another case.
        date = format_date(local, locale) if locale == "ru" else format_day(local, locale)
        by = _ANSWER_BY[locale].format(moment=f"{date}, {local:%H:%M}")
    asked = _APPROVAL[locale].format(by=by)
    if not booking.total.amount:
        return asked
    return f"{_LEADS[locale]['awaiting_approval']} {asked}{_NO_ANSWER_NOTE[locale]}"


def _where(booking: BookingState, locale: Language) -> str:
    """Return the address; of a space that has moved both, the present one first."""
    if booking.moved_to is None:
        return booking.address
    return _MOVED[locale].format(now=booking.moved_to, booked=booking.address)
