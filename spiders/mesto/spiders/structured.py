"""Offers in the data that a page carries for machines: JSON-LD and microdata in the words of schema.org."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mesto.spiders.normalise import Found

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


def documents(html: str, url: str) -> list[Any]:
    """The JSON-LD and microdata of a page. Raises Unreadable when there is some and none can be read."""
    # These two bring a library of RDF with them: 50 MB and a second that other crawls need not pay.
    from extruct.jsonld import JsonLdExtractor
    from extruct.w3cmicrodata import MicrodataExtractor

    found: list[Any] = []
    broken: list[str] = []
    for extractor in (JsonLdExtractor(), MicrodataExtractor()):
        try:
            found += extractor.extract(html, base_url=url)
        except Exception as error:  # each library below has errors of its own, and pages hold anything
            broken.append(f"{type(error).__name__}: {error}")
    if broken and not found:
        raise Unreadable(f"the structured data cannot be read: {broken[0]}")
    return found


def entities(data: Any) -> Iterator[tuple[dict[str, Any], Found]]:
    """What is offered, as it stands in the data and as parts of an offer."""
    yield from _walk(data, Found(), 0)


def _walk(node: Any, around: Found, depth: int) -> Iterator[tuple[dict[str, Any], Found]]:
    if depth > DEEPEST:
        return
    if isinstance(node, list):
        for one in node:
            yield from _walk(one, around, depth + 1)
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
    """Microdata keeps the values under ``properties``."""
    inner = node.get("properties")
    return {"@type": node.get("type"), **inner} if isinstance(inner, dict) else node


def _types(node: dict[str, Any]) -> frozenset[str]:
    given = node.get("@type")
    words = given if isinstance(given, list) else [given]
    return frozenset(str(word).rstrip("/").rpartition("/")[2].rpartition(":")[2] for word in words if word)


def _here(node: dict[str, Any], around: Found, place: bool) -> Found:
    """The parts of an offer that this node says, over what stands around it."""
    name = _text(node.get("name")) or _text(node.get("itemOffered"), "name")
    if around.name and name and not name.startswith(around.name):
        name = f"{around.name}: {name}"
    price, currency, per = _price(node)
    address, city = _address(node.get("address"))
    amenities = _amenities(node)
    return replace(
        around,
        name=name or around.name,
        url=_text(node.get("url")) or around.url,
        address=address or around.address,
        city=city or around.city,
        price=price or (_text(node.get("priceRange")) if place else "") or around.price,
        currency=currency or around.currency,
        per=per or around.per,
        terms=_text(node.get("termsOfService")) or _text(node.get("hasMerchantReturnPolicy"), "name") or around.terms,
        amenities=amenities or around.amenities,
        listed=True,
    )


def _price(node: dict[str, Any]) -> tuple[str, str, str]:
    """Price, currency and unit of an offer, or of its price specification."""
    specification = _first(node.get("priceSpecification"))
    parts = [node, *([_flat(specification)] if isinstance(specification, dict) else [])]
    price = _any(parts, "price", "lowPrice", "minPrice")
    currency = _any(parts, "priceCurrency")
    per = _any(parts, "unitText", "unitCode", "billingDuration")
    if not per:
        quantity = next(
            (_flat(one) for part in parts if isinstance(one := _first(part.get("referenceQuantity")), dict)), {}
        )
        if (_text(quantity.get("value")) or "1") in ("1", "1.0"):
            per = _any([quantity], "unitText", "unitCode")
    return price, currency, per


def _any(parts: Sequence[dict[str, Any]], *names: str) -> str:
    return next((text for part in parts for name in names if (text := _text(part.get(name)))), "")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any, inner: str | None = None) -> str:
    """A plain text or number; ``inner`` names the property to take of a node."""
    value = _first(value)
    if isinstance(value, dict):
        flat = _flat(value)
        return _text(flat.get(inner)) if inner else _text(flat.get("@value") or flat.get("@id"))
    if inner is not None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _address(value: Any) -> tuple[str, str]:
    """An address in one line, and its city."""
    value = _first(value)
    if not isinstance(value, dict):
        return _text(value), ""
    flat = _flat(value)
    parts = [_text(flat.get(name)) for name in ("streetAddress", "addressLocality", "postalCode")]
    return ", ".join(part for part in parts if part), parts[1]


def _amenities(node: dict[str, Any]) -> list[str]:
    given = node.get("amenityFeature")
    values = given if isinstance(given, list) else [given]
    return [text for one in values if (text := _text(one, "name") if isinstance(one, dict) else _text(one))]
