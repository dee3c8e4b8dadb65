"""What was found on a page becomes an offer of the contract: bounded, plain, in our units; nothing without a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from mesto.contracts.money import Price
from mesto.contracts.offers import Offer
from mesto.contracts.scraping import DeclaredCity, Defaults
from mesto.contracts.spaces import ResourceKind
from mesto.spiders import markup, numerals
from mesto.spiders.places import city_of, position_of
from mesto.spiders.prices import machine_price, price_of
from mesto.spiders.sums import Reading
from mesto.spiders.terms import terms_of

_KINDS: tuple[tuple[ResourceKind, str], ...] = (
    ("meeting_room", r"переговорн|meeting[ -]?room|conference[ -]?room|boardroom|конференц"),
    ("event_space", r"ивент|мероприят|лектор|event|конференц-зал|\bзал\b|\bhall\b"),
    (
        "hot_desk",
        r"незакрепл|нефиксир|hot[ -]?desk|хот[ -]?деск|flex|гибк|свободн\w* (?:место|стол)|day pass|open[ -]?space",
    ),
    ("dedicated_desk", r"закрепл|фиксир|dedicated|fixed desk|персональн\w* (?:место|стол)"),
    ("hot_desk", r"coworking|коворкинг|рабоч\w* мест"),
    ("office", r"офис|кабинет|office|suite\b"),
)
_NO_ROOM = re.compile(r"virtual|виртуальн|юридическ\w* адрес", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST = 20_000
_LISTED = re.compile(r"[,;•·|\n]")


@dataclass
class RawOffer:
    """The parts of one offer as the site writes them; empty: not there.

    ``listed`` amenities came one by one, a ``machine`` price was written by a program; ``language`` is the page's.
    """

    name: str = ""
    url: str = ""
    address: str = ""
    city: str = ""
    price: str = ""
    currency: str = ""
    per: str = ""
    terms: str = ""
    amenities: list[str] = field(default_factory=list)
    listed: bool = False
    latitude: str = ""
    longitude: str = ""
    language: str = ""
    machine: bool = False


def plain(text: str, most: int) -> str:
    """Return one line of at most so many characters, without what cannot be stored or seen."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most].strip()


def offer_of(
    found: RawOffer, defaults: Defaults, seen_at: datetime, cities: Sequence[DeclaredCity] | None = None
) -> Offer | None:
    """Return the offer, or None when it has no name. ``cities`` are those that the platform declares."""
    name = plain(found.name, 300)
    if not name:
        return None
    text = markup.plain(found.price[:_LONGEST])
    said = " ".join(part for part in (text, _beside(found, text)) if part)
    city = city_of(found.city, cities) if plain(found.city, 1) else defaults.city
    reading = Reading(defaults.currency, found.language, defaults.language)
    return Offer(
        name=name,
        url=_address(found.url),
        kind=kind_of(name),
        city=city,
        address=plain(found.address, 500) or None,
        location=position_of(found.latitude, found.longitude, city, cities),
        price=_price(text, found, reading),
        price_text=plain(said, 500) or None,
        amenities=_amenities(found),
        terms=terms_of(found.terms, reading),
        seen_at=seen_at,
    )


def _price(text: str, found: RawOffer, reading: Reading) -> Price | None:
    if found.machine and numerals.machine(text) is not None:
        return machine_price(text, currency=found.currency, per=found.per, default=reading.currency)
    return price_of(
        _CONTROL.sub("\n", text),
        currency=found.currency,
        per=found.per,
        default=reading.currency,
        page=found.language,
        language=reading.language,
    )


def kind_of(name: str) -> ResourceKind | None:
    """Return the kind of resource that a name speaks of, if it does."""
    if _NO_ROOM.search(name):
        return None
    return next((kind for kind, words in _KINDS if re.search(words, name, re.IGNORECASE)), None)


def _beside(found: RawOffer, price: str) -> str:
    """Return currency and unit that stand in places of their own: part of what the site says about the price."""
    parts = [part for part in (found.currency, found.per) if part and part not in price]
    return " / ".join(parts) if price else ""


def _address(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    good = len(url) <= 2048 and parts.scheme in ("http", "https") and parts.netloc and not _CONTROL.search(url)
    return url if good else None


def _amenities(found: RawOffer) -> list[str]:
    words: Iterable[str] = found.amenities
    if not found.listed:
        words = (part for text in found.amenities for part in _LISTED.split(text))
    return list(dict.fromkeys(word for amenity in words if (word := plain(amenity, 100))))[:50]
