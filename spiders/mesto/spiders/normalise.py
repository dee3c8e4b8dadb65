"""What was found on a page becomes an offer of the contract: bounded, plain, in our units; nothing without a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from mesto.contracts.offers import Offer
from mesto.contracts.scraping import Defaults
from mesto.contracts.spaces import ResourceKind
from mesto.spiders.prices import price_of
from mesto.spiders.terms import terms_of

_SLUG = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_CITIES = {
    "москва": "moscow",
    "санкт-петербург": "saint-petersburg",
    "нью-йорк": "new-york",
    "мадрид": "madrid",
    "барселона": "barcelona",
}
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
_LISTED = re.compile(r"[,;•·|\n]")


@dataclass
class Found:
    """The parts of one offer as the site writes them; empty: not there. ``listed`` amenities came one by one."""

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


def plain(text: str, most: int) -> str:
    """One line of at most so many characters, without what cannot be stored or seen."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most].strip()


def offer_of(found: Found, defaults: Defaults, seen_at: datetime) -> Offer | None:
    """The offer, or None when it has no name."""
    name = plain(found.name, 300)
    if not name:
        return None
    price = price_of(_lines(found.price), currency=found.currency, per=found.per, default=defaults.currency)
    said = " ".join(part for part in (found.price, _beside(found)) if part)
    return Offer(
        name=name,
        url=_address(found.url),
        kind=kind_of(name),
        city=city_of(found.city) or defaults.city,
        address=plain(found.address, 500) or None,
        price=price,
        price_text=plain(said, 500) or None,
        amenities=_amenities(found),
        terms=terms_of(found.terms),
        seen_at=seen_at,
    )


def kind_of(name: str) -> ResourceKind | None:
    """The kind of resource that a name speaks of, if it does."""
    if _NO_ROOM.search(name):
        return None
    return next((kind for kind, words in _KINDS if re.search(words, name, re.IGNORECASE)), None)


def city_of(text: str) -> str | None:
    """The slug of a city: written as one, in plain Latin letters, or one of the few that we know in Russian."""
    word = plain(text, 63).lower()
    slug = _CITIES.get(word) or re.sub(r"[\s_.,']+", "-", word).strip("-")
    return slug if _SLUG.fullmatch(slug) else None


def _beside(found: Found) -> str:
    """Currency and unit that stand in places of their own: part of what the site says about the price."""
    parts = [part for part in (found.currency, found.per) if part and part not in found.price]
    return " / ".join(parts) if found.price else ""


def _lines(text: str) -> str:
    return _CONTROL.sub("\n", text[:2000])


def _address(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    good = len(url) <= 2048 and parts.scheme in ("http", "https") and parts.netloc and not _CONTROL.search(url)
    return url if good else None


def _amenities(found: Found) -> list[str]:
    words: Iterable[str] = found.amenities
    if not found.listed:
        words = (part for text in found.amenities for part in _LISTED.split(text))
    return list(dict.fromkeys(word for one in words if (word := plain(one, 100))))[:50]
