"""What a competitor asks for, read from sentences in Russian and English as far as these are simple."""

from __future__ import annotations

import re

from mesto.contracts.offers import Terms
from mesto.spiders.prices import money_in
from mesto.spiders.sums import Reading

_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 7 * 1440, "month": 30 * 1440, "year": 365 * 1440}
_YEAR = 365 * 1440
_WORDS = {
    "minute": r"мин(?:ут\w*)?|min(?:ute)?s?",
    "hour": r"час\w*|ч|hours?|hrs?|h",
    "day": r"сут\w*|дн\w*|день|days?",
    "week": r"недел\w*|нед|weeks?",
    "month": r"мес\w*|months?|mo",
    "year": r"год\w*|лет|years?",
}
_COUNTS = {
    **dict.fromkeys(("one", "an", "a", "один", "одного", "одну", "одна", ""), 1.0),
    **dict.fromkeys(("two", "два", "двух", "две"), 2.0),
    **dict.fromkeys(("three", "три", "трёх", "трех"), 3.0),
    **dict.fromkeys(("six", "шесть", "шести"), 6.0),
}
_NAMED = "|".join(word for word in _COUNTS if word)
_UNITS = "|".join(f"(?P<{unit}>{words})" for unit, words in _WORDS.items())
_DURATION = re.compile(
    rf"(?:(?P<number>\d+(?:[.,]\d+)?)|\b(?P<named>{_NAMED})\b)?\s*-?\s*\b(?:{_UNITS})(?![^\W\d_])", re.IGNORECASE
)
# A sentence, or a part of one that a comma ends; 1,5 is a number.
_CLAUSE = re.compile(r"[.!?](?=\s+[^\Wa-zа-яё])|[;\n•|]|,(?=\s)")
_DEPOSIT = re.compile(r"депозит|залог|deposit", re.IGNORECASE)
_CANCEL = re.compile(r"отмен|cancel|возврат|refund", re.IGNORECASE)
_NOTICE = re.compile(
    r"уведом|предупре|заранее|предварительн|notice|in advance|брониров\w+ (?:\w+ )?за\b", re.IGNORECASE
)
_LEAST = re.compile(
    r"минимал|минимум|мин\.|не менее|(?<!\w)от\s+(?:\d|час|дня|суток|месяц|двух|тр[её]х|одного)|minimum|"
    r"\bmin\b\.?(?=\s*(?:\d|term|stay|rent|booking))|at least",
    re.IGNORECASE,
)


def terms_of(text: str, reading: Reading | None = None) -> Terms:
    """Return the terms that a text names; the first one of each kind counts."""
    found: dict[str, object] = {}
    for clause in _CLAUSE.split(text[:20_000]):
        name, value = _term(clause, reading)
        if value is not None:
            found.setdefault(name, value)
    return Terms.model_validate(found)


def _term(clause: str, reading: Reading | None) -> tuple[str, object]:
    """Return what a clause is about, and what it says; None when that is nothing we know."""
    if _DEPOSIT.search(clause):
        return "deposit", money_in(clause, reading)
    if _CANCEL.search(clause):
        minutes = _minutes(clause)
        return "cancellation_hours", None if minutes is None else minutes // 60
    if _NOTICE.search(clause):
        return "notice_minutes", _minutes(clause)
    if found := _LEAST.search(clause):
        return "min_duration_minutes", _minutes(clause[found.start() :])
    return "", None


def _minutes(clause: str) -> int | None:
    """Return the first duration in a clause, a year at most; months have 30 days."""
    for found in _DURATION.finditer(clause):
        unit = next(name for name in _MINUTES if found[name])
        if unit == "minute" and not found["number"]:
            continue  # "min" for minimum
        number = found["number"]
        count = float(number.replace(",", ".")) if number else _COUNTS[(found["named"] or "").lower()]
        minutes = round(count * _MINUTES[unit])
        return minutes if minutes <= _YEAR else None
    return None
