"""Which currency a symbol, a code or a word may mean, by CLDR's tables; nothing is guessed among several."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

TABLES: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("cldr.json").read_text("utf-8"))
"""Written by ``deploy/cldr.py``, which says what is in it."""
CODES: Final = frozenset(TABLES["usual"])
"""All currencies that are tender somewhere."""
_N: Final[dict[str, list[str]]] = TABLES["nouns"]
_DOLLAR = frozenset(_N["dollar"]) | frozenset(_N["peso"]) | frozenset(TABLES["symbols"]["$"])
_WORDS: dict[str, str] = {
    # English nouns of CLDR, and the forms of these words that prices are written with.
    "dollar": "dollar dollars доллар доллара долларов долл dólar dólares dolar dolares dolarów",
    "euro": "euro euros евро eur. эўра evro",
    "pound": "pound pounds фунт фунта фунтов libra libras funt funtów",
    "ruble": "ruble rubles rouble roubles рубль рубля рублей рублях рублі рублів руб рубл rubel rublos rubli",
    "hryvnia": "hryvnia hryvnias гривна гривны гривен гривня гривні гривень грн",
    "tenge": "tenge тенге теңге тг",
    "lari": "lari лари",
    "dram": "драм драма драмов dram drams",
    "manat": "manat manats манат маната манатов",
    "leu": "leu lei лей лея леев",
    "zloty": "zloty zlotys złoty złote złotych złotego злотый злотых злоты",
    "koruna": "koruna koruny korun крона кроны крон",
    "króna": "króna krónur крона кроны крон",
    "krona": "krona kronor kroner krone kronen крона кроны крон",
    "krone": "krona kronor kroner krone kronen крона кроны крон",
    "franc": "franc francs franken franco francos франк франка франков",
    "lira": "lira liralık liraya lirası liras лира лиры лир",
    "yen": "yen иена иены иен",
    "yuan": "yuan юань юаня юаней",
    "won": "вон вона",
    "baht": "baht бат бата батов",
    "rupee": "rupee rupees рупия рупии рупий",
    "rupiah": "rupiah рупия рупии рупий",
    "peso": "peso pesos песо",
    "dirham": "dirham dirhams дирхам дирхама дирхамов dh dhs",
    "dinar": "dinar dinars dinara динар динара динаров",
    "shekel": "shekel shekels шекель шекеля шекелей nis",
    "forint": "forint forints форинт форинта форинтов",
    "rand": "rand",
    "ringgit": "ringgit",
    "dong": "донг донга донгов",
    "real": "reais",
    "sol": "soles",
}
_MORE: dict[str, set[str]] = {
    # What CLDR gives to one locale only, or has no place for; sites write it.
    "$": set(_DOLLAR - {"PHP"}),
    "¥": {"JPY", "CNY"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
    "р": set(_N["ruble"]),
    "rur": {"RUB"},
    "br": {"BYN", "ETB"},
    "tl": {"TRY"},
    "грн": {"UAH"},
    "rs": {"INR", "PKR", "LKR", "NPR", "MUR", "SCR"},
    "₨": {"INR", "PKR", "LKR", "NPR", "MUR", "SCR"},
    "元": {"CNY", "TWD", "HKD", "MOP"},
    "円": {"JPY"},
    "원": {"KRW"},
    "rmb": {"CNY"},
    "s$": {"SGD"},
    "sg$": {"SGD"},
    "au$": {"AUD"},
    "us$": {"USD"},
    "u$s": {"USD"},
    "u$d": {"USD"},
    "c$": {"CAD", "NIO"},
    "mex$": {"MXN"},
    "col$": {"COP"},
    "rub.": {"RUB"},
    "sfr": {"CHF"},
    "fr": set(_N["franc"]),
    "som": set(_N["som"]),
    **{word: {"KGS"} for word in ("сом", "сома", "сомов")},
    **{word: {"UZS"} for word in ("сум", "сума", "сумов", "сўм")},
    "so'm": {"UZS"},
    "soʻm": {"UZS"},
    "so‘m": {"UZS"},
    "so’m": {"UZS"},
}
_PRIMARY = {frozenset(_N["ruble"]): "RUB", frozenset(TABLES["symbols"]["£"]): "GBP"}
"""What is meant where no default says otherwise: the others of these are written with letters before or after."""
_SURE = frozenset({"kr", "ft", "rp", "br", "rs", "rm", "zł", "kč", "tl", "fr", "dh", "тг", "р"})
"""Symbols of one or two letters that are no words or units of anything else."""
_ENGLISH = frozenset({"ALL", "BAM", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "RON", "SOS", "TOP", "TRY", "COP", "BOB"})
"""Codes that are words in capitals, too."""
_LOWER = frozenset(
    code.lower() for code in ("EUR", "USD", "GBP", "RUB", "CHF", "PLN", "CZK", "KZT", "UAH", "BYN", "AED")
)


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for noun, words in _WORDS.items():
        for word in words.split():
            found.setdefault(word, set()).update(_N.get(noun, ()))
    for symbol, codes in TABLES["symbols"].items():
        found.setdefault(_plain(symbol), set()).update(codes)
    for symbol, known in _MORE.items():
        found.setdefault(symbol, set()).update(known)
    return {symbol: frozenset(codes) for symbol, codes in found.items()}


def _plain(symbol: str) -> str:
    """Return a text as it is looked up: without case, marks of direction, and the dot of an abbreviation."""
    text = re.sub(r"[\u200b-\u200f\u202a-\u202e\s]", "", symbol).casefold().replace("￥", "¥")
    return text.rstrip(".") or text


_TABLE = _table()
NOTHING: Final[frozenset[str]] = frozenset()


def meant(symbol: str, default: str | None = None) -> frozenset[str]:
    """Return the currencies that a symbol, code or word may mean; none for what is unknown.

    One or two letters, and codes that are words (TOP), count only where the target's default says that they are meant.
    """
    if symbol in CODES:
        return frozenset({symbol}) if symbol not in _ENGLISH or symbol == default else NOTHING
    text = _plain(symbol)
    if text in _LOWER:
        return frozenset({text.upper()})
    codes = _TABLE.get(text, NOTHING)
    letters = text.isalpha() and len(text) <= 2
    if letters and text.isascii() and text not in _SURE and default not in codes:
        return NOTHING
    return codes


def chosen(codes: frozenset[str], default: str | None = None) -> str | None:
    """Return the currency that is meant.

    It is the only one, the target's default, or the one that needs no more words.
    """
    if len(codes) == 1:
        return next(iter(codes))
    if default in codes:
        return default
    return _PRIMARY.get(codes)


def decimal_marks(language: str, currency: str | None = None) -> frozenset[str]:
    """Return the decimal marks of a language (``es``, ``de-CH``), among its countries with that currency.

    Empty: unknown.
    """
    base, *parts = re.split("[-_]", language.strip())
    base, region = (
        base.lower(),
        next((part.upper() for part in parts if re.fullmatch("[A-Za-z]{2}|[0-9]{3}", part)), ""),
    )
    if base not in TABLES["languages"]:
        return NOTHING
    if region:
        return frozenset(TABLES["locales"].get(f"{base}_{region}", TABLES["languages"][base]))
    return frozenset(TABLES["regional"].get(base, {}).get(currency, TABLES["languages"][base]))


def usual_marks(currency: str | None) -> frozenset[str]:
    """Return the decimal marks of a currency's countries."""
    return frozenset(TABLES["usual"].get(currency, ()))
