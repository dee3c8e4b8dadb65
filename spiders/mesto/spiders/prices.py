"""Prices as people write them: an amount and its currency by price-parser, the unit of time by a table of words.

A price without an amount, a currency or a unit of time that we know is no price: its text is kept, nothing is guessed.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from mesto.contracts.money import Money, Per, Price
from price_parser import Price as Parsed

_CURRENCIES = {
    **dict.fromkeys(("₽", "руб", "рублей", "рубля", "рубль", "р", "rub", "rur"), "RUB"),
    **dict.fromkeys(("€", "eur", "euro", "euros", "евро"), "EUR"),
    **dict.fromkeys(("us$", "usd", "доллар", "доллара", "долларов"), "USD"),
    **dict.fromkeys(("£", "gbp"), "GBP"),
    **dict.fromkeys(("₸", "kzt", "тенге"), "KZT"),
    **dict.fromkeys(("₴", "uah", "грн"), "UAH"),
    **dict.fromkeys(("₺", "try", "tl"), "TRY"),
    **dict.fromkeys(("₾", "gel", "лари"), "GEL"),
    **dict.fromkeys(("֏", "amd", "драм"), "AMD"),
    **dict.fromkeys(("zł", "pln"), "PLN"),
    **dict.fromkeys(("kč", "czk"), "CZK"),
    **dict.fromkeys(("₪", "ils"), "ILS"),
    **dict.fromkeys(("₹", "inr"), "INR"),
    **{
        code.lower(): code
        for code in ("BYN", "CHF", "AED", "RSD", "CAD", "AUD", "NZD", "SGD", "HKD", "SEK", "NOK", "DKK")
    },
}
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"})
_SPACE = r" \xa0\u2009\u202f"
_NUMBER = rf"\d{{1,3}}(?:[{_SPACE}.,'’]\d{{3}})+(?:[.,]\d{{1,2}})?(?!\d)|\d+(?:[.,]\d{{1,2}})?(?!\d)"
_SYMBOL = "|".join(re.escape(one) for one in sorted([*_CURRENCIES, "$"], key=len, reverse=True))
_WORD = rf"(?<![^\W\d_])(?:{_SYMBOL})(?![^\W\d_])"
_RANGE = rf"(?:(?P<low>{_NUMBER})\s*(?:-|–|—|до|to)\s*)?"
_THOUSANDS = r"(?P<thousands>\s*тыс\b\.?)?"
_AFTER = re.compile(rf"{_RANGE}(?P<amount>{_NUMBER}){_THOUSANDS}\s*(?P<currency>{_WORD})", re.IGNORECASE)
_BEFORE = re.compile(rf"(?P<currency>{_WORD})\s*(?P<amount>{_NUMBER})(?P<thousands>\s*тыс\b\.?)?", re.IGNORECASE)
_LONE = re.compile(rf"(?<![\w.,])(?P<amount>{_NUMBER}){_THOUSANDS}", re.IGNORECASE)

_UNITS: dict[str, str] = {
    **dict.fromkeys(
        ("h", "hr", "hrs", "hour", "hourly", "hours", "час", "ч", "часа", "часов", "почасово", "hur", "pt1h"), "hour"
    ),
    **dict.fromkeys(("day", "daily", "d", "день", "дн", "сутки", "сут", "посуточно", "ежедневно", "p1d"), "day"),
    **dict.fromkeys(
        ("month", "monthly", "mo", "mth", "mon", "мес", "месяц", "ежемесячно", "помесячно", "pcm", "p1m"), "month"
    ),
    **dict.fromkeys(("week", "weekly", "wk", "wee", "нед", "неделю", "неделя", "p1w", "p7d"), "week"),
    **dict.fromkeys(("year", "yearly", "yr", "annum", "annually", "ann", "год", "ежегодно", "p1y"), "year"),
    **dict.fromkeys(("minute", "min", "мин", "минуту", "минута", "pt1m"), "minute"),
}
_REPRESENTED: dict[str, Per] = {"hour": "hour", "day": "day", "month": "month"}
_ADVERBS = frozenset({"hourly", "daily", "monthly", "weekly", "yearly", "annually", "pcm", "почасово", "посуточно"}) | {
    *("ежедневно", "ежемесячно", "помесячно", "ежегодно"),
}
_LEAD = r"(?:/|\bper\b|\bp/|\ban?\b|\beach\b|\bevery\b|\bв\b|\bза\b|\bна\b)"
_UNIT = re.compile(rf"(?P<lead>{_LEAD})?\s*(?:(?P<count>\d+|один|одну|одни|one)\s*)?(?P<word>[^\W\d_]+)", re.IGNORECASE)
_ONE = frozenset({"1", "один", "одну", "одни", "one"})


def unit_of(text: str) -> Per | None:
    """The unit that a text of its own names, as ``month``, ``/час``, ``HUR`` (UN/CEFACT) or ``P1M`` (ISO 8601)."""
    word = text.strip().lower()
    return _REPRESENTED.get(_UNITS.get(word, "")) or _unit_in(word, bare=True)


def currency_of(text: str, default: str | None = None) -> str | None:
    """The ISO code of the first currency that a text names; a bare dollar is the default's, else the American one."""
    found = re.search(_WORD, text, re.IGNORECASE)
    if found is not None:
        return _code(found.group(), default)
    word = text.strip()
    return word if re.fullmatch("[A-Z]{3}", word) else None


def money_in(text: str, default: str | None = None) -> Money | None:
    """The first amount in a text that stands beside a currency; the lower end of a range."""
    found = _amount(text, default)
    return Money(amount=found[0], currency=found[1]) if found and found[1] else None


def price_of(text: str, *, currency: str = "", per: str = "", default: str | None = None) -> Price | None:
    """The price that ``text`` names. ``currency`` and ``per`` are what the site says in places of their own."""
    found = _amount(text, default)
    if found is None:
        return None
    amount, named, start, end = found
    code = named or (currency_of(currency, default) if currency.strip() else None) or default
    if per.strip():
        unit = unit_of(per)
    else:
        rest = _LONE.split(text[end:], maxsplit=1)[0] if named else text[end:]
        unit = _unit_after(text[end:], rest) or _unit_in(text[:start])
    if code is None or unit is None:
        return None
    return Price(amount=amount, currency=code, per=unit)


def _amount(text: str, default: str | None) -> tuple[Decimal, str | None, int, int] | None:
    """Amount, the currency beside it, and where both stand; without a currency only a number that stands alone."""
    matches = [found for pattern in (_AFTER, _BEFORE) if (found := pattern.search(text))]
    if matches:
        first = min(matches, key=lambda one: one.start())
        written = first.groupdict().get("low") or first["amount"]
        amount = _number(written, first["thousands"])
        return None if amount is None else (amount, _code(first["currency"], default), first.start(), first.end())
    numbers = list(_LONE.finditer(text))
    if len(numbers) != 1:
        return None
    amount = _number(numbers[0]["amount"], numbers[0]["thousands"])
    return None if amount is None else (amount, None, numbers[0].start(), numbers[0].end())


def _number(written: str, thousands: str | None) -> Decimal | None:
    amount = Parsed.fromstring(written).amount if len(written) <= 20 else None
    if amount is None:
        return None
    amount = (amount * (1000 if thousands else 1)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return amount if 0 <= amount < Decimal(10) ** 10 else None


def _code(symbol: str, default: str | None) -> str | None:
    if symbol == "$":
        return default if default in _DOLLARS else "USD"
    return _CURRENCIES.get(symbol.lower())


def _unit_after(tail: str, rest: str) -> Per | None:
    """The unit behind an amount; a number of units other than one, as in "за 3 месяца", is none of ours."""
    near = _UNIT.match(tail.lstrip(" .\xa0"))
    if near is not None and (kind := _UNITS.get(near["word"].lower())):
        return _REPRESENTED.get(kind) if (near["count"] or "1").lower() in _ONE else None
    return _unit_in(rest)


def _unit_in(text: str, *, bare: bool = False) -> Per | None:
    """The first unit in a text that is led in ("per", "/", "за") or an adverb; ``bare``: any."""
    for found in _UNIT.finditer(text):
        word = found["word"].lower()
        kind = _UNITS.get(word)
        if kind is None or not (bare or found["lead"] or word in _ADVERBS):
            continue
        return _REPRESENTED.get(kind) if (found["count"] or "1").lower() in _ONE else None
    return None
