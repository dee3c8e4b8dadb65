"""Offers in the data that a page carries for machines: JSON-LD and microdata in the words of schema.org."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import lxml.etree
from mesto.spiders import markup, typed
from mesto.spiders.normalise import RawOffer

log = logging.getLogger(__name__)

_PLACES = frozenset(
    {
        "CoworkingSpace",
        "LocalBusiness",
        "Place",
        "ProfessionalService",
        "RealEstateAgent",
        "CivicStructure",
        "EventVenue",
    }
)
_THINGS = frozenset(
    {
        "Product",
        "Service",
        "Accommodation",
        "Room",
        "MeetingRoom",
        "HotelRoom",
        "Offer",
        "AggregateOffer",
        "RentalService",
    }
)
_OFFERS = ("offers", "makesOffer", "hasOfferCatalog", "containsPlace", "itemListElement", "itemOffered")
DEEPEST = 40
"""How deep data may be nested; deeper parts are left out."""


class Unreadable(Exception):
    """The data of a page is not what it says it is; the message is for people."""


class Seen(str):
    """A text that stands on the page for people, not in an attribute for programs."""

    __slots__ = ()


_LINKED = lxml.etree.XPath(
    "descendant-or-self::script[starts-with(translate(@type, 'APLICTON/DJS+', 'aplicton/djs+'), 'application/ld+json')]"
)
_OPENING = re.compile(r"<!--|(?://\s*|/\*\s*)?<!\[CDATA\[(?:\s*\*/)?|//[^\n]*\n|/\*.*?\*/", re.DOTALL)
_CLOSING = re.compile(r"(?:(?://\s*)?-->|(?://\s*|/\*\s*)?\]\]>(?:\s*\*/)?)$")


def documents(html: str, url: str) -> tuple[list[Any], int]:
    """Return the JSON-LD and microdata of a page, and how many blocks of it cannot be read: they are left out."""
    # This one brings a library of RDF with it: 50 MB and a second that other crawls need not pay.
    from extruct.utils import parse_html

    # Bytes, for a text that begins with a declaration of its encoding is refused.
    body = html.replace("\x00", "").encode("utf-8", "replace")
    try:
        root = parse_html(body, encoding="UTF-8")
    except lxml.etree.ParserError:  # an empty page
        return [], 0
    markup.unstrike(root)
    found, broken = _linked_data(root)
    try:
        found += _microdata(root, url)
    except Exception as error:  # each library below has errors of its own, and pages hold anything
        log.warning("the microdata of %s cannot be read: %s: %s", url, type(error).__name__, error)
        broken += 1
    return found, broken


def _linked_data(root: Any) -> tuple[list[Any], int]:
    """Return the JSON-LD of a page; blocks may be commented out, in CDATA, or end like a statement of a script."""
    found: list[Any] = []
    broken = 0
    for script in _LINKED(root):
        text = _unwrapped(script.xpath("string()"))
        if not text:
            continue
        try:
            data = _decoded(text)
        except (ValueError, RecursionError) as error:
            log.warning("a block of JSON-LD cannot be read: %s", error)
            broken += 1
            continue
        found += data if isinstance(data, list) else [data]
    return found, broken


def _unwrapped(text: str) -> str:
    """Return a block without the comments, CDATA and semicolons around it."""
    while True:
        text = text.strip(" \t\r\n\f;\ufeff")
        if opening := _OPENING.match(text):
            text = text[opening.end() :]
        elif closing := _CLOSING.search(text, max(0, len(text) - 40)):
            text = text[: closing.start()]
        else:
            return text


def _decoded(text: str) -> Any:
    """Return the data of a block, comments and last commas within it left out. Raises ValueError or RecursionError."""
    try:
        return typed.loads(text)
    except ValueError:
        import jstyleson  # what extruct reads blocks with

        return typed.loads(jstyleson.dispose(text))


def _microdata(root: Any, url: str) -> list[Any]:
    from extruct.w3cmicrodata import MicrodataExtractor

    class Extractor(MicrodataExtractor):  # type: ignore[misc]
        """Tells what people see from what is written for programs."""

        def _extract_textContent(self, node: Any) -> Seen:  # noqa: N802 - extruct's name
            return Seen(super()._extract_textContent(node))

    items: list[Any] = Extractor().extract_items(root, url)
    return items


def entities(data: Any) -> Iterator[tuple[dict[str, Any], RawOffer]]:
    """Yield what is offered, as it stands in the data and as parts of an offer."""
    yield from _walk(data, RawOffer(), 0)


def _walk(node: Any, around: RawOffer, depth: int) -> Iterator[tuple[dict[str, Any], RawOffer]]:
    if depth > DEEPEST:
        return
    if isinstance(node, list):
        for entry in node:
            yield from _walk(entry, around, depth + 1)
        return
    if not isinstance(node, dict):
        return
    node = _flat(node)
    types = _types(node)
    if not types & (_PLACES | _THINGS):
        for value in node.values():
            yield from _walk(value, around, depth + 1)
        return
    here = _here(node, around, bool(types & _PLACES))
    within = [found for name in _OFFERS for found in _walk(node.get(name), here, depth + 1)]
    if within:
        yield from within
    elif here.name:
        yield node, here


def _flat(node: dict[str, Any]) -> dict[str, Any]:
    """Return the values alone: microdata keeps them under ``properties``."""
    inner = node.get("properties")
    return {"@type": node.get("type"), **inner} if isinstance(inner, dict) else node


def _types(node: dict[str, Any]) -> frozenset[str]:
    given = node.get("@type")
    words = given if isinstance(given, list) else [given]
    return frozenset(str(word).rstrip("/").rpartition("/")[2].rpartition(":")[2] for word in words if word)


def _here(node: dict[str, Any], around: RawOffer, place: bool) -> RawOffer:
    """Return the parts of an offer that this node says, over what stands around it."""
    name = _text(node.get("name")) or _text(node.get("itemOffered"), "name")
    if around.name and name and not name.startswith(around.name):
        name = f"{around.name}: {name}"
    price, currency, per, machine = _price(node)
    address, city = _address(node.get("address"))
    amenities = _amenities(node)
    latitude, longitude = _position(node.get("geo"))
    if not price and place and (ranged := _text(node.get("priceRange"))):
        price, machine = ranged, False
    return replace(
        around,
        name=name or around.name,
        url=_text(node.get("url")) or around.url,
        address=address or around.address,
        city=city or around.city,
        price=price or around.price,
        machine=machine if price else around.machine,
        currency=currency or around.currency,
        per=per or around.per,
        terms=_text(node.get("termsOfService")) or _text(node.get("hasMerchantReturnPolicy"), "name") or around.terms,
        amenities=amenities or around.amenities,
        listed=True,
        latitude=latitude or around.latitude,
        longitude=longitude or around.longitude,
    )


def _position(value: Any) -> tuple[str, str]:
    """Return latitude and longitude of GeoCoordinates."""
    value = _first(value)
    flat = _flat(value) if isinstance(value, dict) else {}
    return _text(flat.get("latitude")), _text(flat.get("longitude"))


def _price(node: dict[str, Any]) -> tuple[str, str, str, bool]:
    """Return price, currency and unit of an offer, or of its price specification; whether a program wrote the price."""
    specification = _first(node.get("priceSpecification"))
    parts = [node, *([_flat(specification)] if isinstance(specification, dict) else [])]
    names = ("price", "lowPrice", "minPrice")
    price = _any(parts, *names)
    values = (_first(part.get(name)) for part in parts for name in names)
    machine = not isinstance(next((value for value in values if _text(value)), None), Seen)
    currency = _any(parts, "priceCurrency")
    per = _any(parts, "unitText", "unitCode", "billingDuration")
    if not per:
        quantity = next(
            (_flat(entry) for part in parts if isinstance(entry := _first(part.get("referenceQuantity")), dict)), {}
        )
        if (_text(quantity.get("value")) or "1") in ("1", "1.0"):
            per = _any([quantity], "unitText", "unitCode")
    return price, currency, per, machine


def _any(parts: Sequence[dict[str, Any]], *names: str) -> str:
    return next((text for part in parts for name in names if (text := _text(part.get(name)))), "")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any, inner: str | None = None) -> str:
    """Return a plain text or number; ``inner`` names the property to take of a node."""
    value = _first(value)
    if isinstance(value, dict):
        flat = _flat(value)
        return _text(flat.get(inner)) if inner else _text(flat.get("@value") or flat.get("@id"))
    if inner is not None or not (isinstance(value, str) or typed.is_number(value)):
        return ""
    return typed.as_text(value)


def _address(value: Any) -> tuple[str, str]:
    """Return an address in one line, and its city."""
    value = _first(value)
    if not isinstance(value, dict):
        return _text(value), ""
    flat = _flat(value)
    parts = [_text(flat.get(name)) for name in ("streetAddress", "addressLocality", "postalCode")]
    return ", ".join(part for part in parts if part), parts[1]


def _amenities(node: dict[str, Any]) -> list[str]:
    given = node.get("amenityFeature")
    values = given if isinstance(given, list) else [given]
    return [text for entry in values if (text := _text(entry, "name") if isinstance(entry, dict) else _text(entry))]
