"""What a page says: its offers as the site writes them, and where the next page is. Pure: a response in, texts out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import jmespath
from mesto.contracts.scraping import Extract, Fields, Selector
from mesto.spiders import markup, typed
from mesto.spiders.normalise import RawOffer
from mesto.spiders.structured import DEEPEST, Unreadable, documents, entities
from parsel import Selector as Node
from scrapy.http import Response, TextResponse

_SAID = ("name", "url", "address", "city", "terms", "latitude", "longitude")
_PRICE = ("price", "currency", "per")
"""Read last: what is struck out of a page says nothing about a price, and is taken away for these."""


@dataclass
class Page:
    """What was found on a page."""

    found: list[RawOffer] = field(default_factory=list)
    next: list[str] = field(default_factory=list)
    broken: int = 0
    """Blocks of structured data that could not be read."""


class Source(Protocol):
    """Something that selectors are asked of: an element of a page, or a value of a JSON document."""

    def texts(self, selector: Selector) -> Iterator[str]:
        """Return all that a selector finds in it, in order, as text."""
        ...

    def machine(self, selector: Selector) -> bool:
        """Return whether what a selector finds was written by a program: a number of JSON, or a value of schema.org."""
        ...


class Element:
    """An element of an HTML or XML page."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def nodes(self, selector: Selector) -> list[Node]:
        """Return the elements that a selector finds. Raises Unreadable for a selector that cannot be read."""
        if not selector.css and not selector.xpath:
            raise Unreadable("a page is read by css or xpath; path is for JSON")
        try:
            return list(self.node.css(selector.css) if selector.css else self.node.xpath(selector.xpath or "."))
        except (MemoryError, RecursionError):
            raise
        except Exception as error:  # of whatever the expression calls: a regular expression's, too
            raise Unreadable(f"the selector {selector.css or selector.xpath} cannot be read: {error}") from error

    def texts(self, selector: Selector) -> Iterator[str]:
        """Yield the texts of what is found; a link stands for where it leads to only where that is wanted."""
        for node in self.nodes(selector):
            yield self.text(node)

    def machine(self, selector: Selector) -> bool:
        """Return False: people read pages."""
        return False

    def text(self, node: Node) -> str:
        """Return the text of an element with all that is within, or the value of an attribute."""
        if hasattr(node.root, "tag"):
            return markup.seen(node.root)
        return str(node.get() or "").strip()


class Links(Element):
    """An element that is asked for addresses."""

    def text(self, node: Node) -> str:
        if hasattr(node.root, "tag"):
            return str(node.attrib.get("href") or node.xpath(".//a/@href").get() or "").strip()
        return super().text(node)


class Value:
    """A value of a JSON document."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def find(self, path: str) -> Any:
        """Return what a JMESPath finds. Raises Unreadable for a path that cannot be read."""
        try:
            return jmespath.search(path, self.value)
        except MemoryError:
            raise
        except Exception as error:  # it compares a text with a number, has no end, calls what there is not
            raise Unreadable(f"the path {path} cannot be read: {error}") from error

    def texts(self, selector: Selector) -> Iterator[str]:
        """Yield texts and numbers; of lists each, of objects nothing."""
        if selector.path:
            yield from (typed.as_text(entry) for entry in _scalars(self.find(selector.path), 0))

    def machine(self, selector: Selector) -> bool:
        """Return whether a program wrote it, as numbers are; a text may have been written by hand."""
        return bool(selector.path) and typed.is_number(next(_scalars(self.find(selector.path or ""), 0), None))


def _scalars(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, list) and depth < DEEPEST:
        for entry in value:
            yield from _scalars(entry, depth + 1)
    elif isinstance(value, str) or typed.is_number(value):
        yield value


def read(response: Response, extract: Extract) -> Page:
    """Return the offers of a page and the addresses of the next ones. Raises Unreadable."""
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"nothing we know").decode("latin-1")
        raise Unreadable(f"{response.url} answers {kind[:100]}, which is no text")
    try:
        if extract.mode == "json_api":
            return _json(response, extract)
        following = _next(response, Links(response.selector), extract.next)
        if extract.mode == "structured_data":
            found, broken = _structured(response, extract.fields)
        else:
            found, broken = _elements(response, extract), 0
    except RecursionError as error:
        raise Unreadable(f"{response.url} is nested too deeply") from error
    return Page(found, following, broken)


def _next(response: TextResponse, source: Source, selector: Selector | None) -> list[str]:
    if selector is None:
        return []
    texts = [text for text in source.texts(selector) if text]
    addresses = [_joined(response, text) for text in (texts if selector.many else texts[:1])]
    return [entry for entry in addresses if _is_page(entry)]


def _is_page(address: str) -> bool:
    """Return whether an address may be a page.

    A script, a mailbox or a telephone stands where a list has no more of them.
    """
    scheme, mark, _ = address.partition(":")
    return not mark or scheme.lower() in ("http", "https")


def _joined(response: TextResponse, address: str) -> str:
    try:
        return str(response.urljoin(address))
    except ValueError:
        return ""


def _elements(response: TextResponse, extract: Extract) -> list[RawOffer]:
    whole = Element(response.selector)
    items = whole.nodes(extract.items) if extract.items else [response.selector]
    found = [
        _filled(RawOffer(language=_language(item, response)), response, extract.fields, Element(item), Links(item))
        for item in items
    ]
    markup.unstrike(response.selector.root)
    return [_priced(entry, extract.fields, Element(item)) for entry, item in zip(found, items, strict=True)]


def _language(node: Node, response: Response) -> str:
    """Return the language that a part of a page is in, as the page says."""
    said = node.xpath("ancestor-or-self::*[@lang][1]/@lang").get() if hasattr(node.root, "tag") else ""
    return str(said or "") or _content_language(response)


def _content_language(response: Response) -> str:
    said = (response.headers.get("Content-Language") or b"").decode("latin-1")
    return said.strip() if "," not in said else ""


def _json(response: TextResponse, extract: Extract) -> Page:
    try:
        document = Value(typed.loads(response.body))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{response.url} is no JSON: {error}") from error
    items = document.find(extract.items.path) if extract.items and extract.items.path else document.value
    if items is None:
        items = []
    if not isinstance(items, list):
        items = [items]
    found = []
    for value in map(Value, items):
        entry = _filled(RawOffer(language=_content_language(response)), response, extract.fields, value, value)
        found.append(_priced(entry, extract.fields, value))
    return Page(found, _next(response, document, extract.next))


def _structured(response: TextResponse, fields: Fields) -> tuple[list[RawOffer], int]:
    """Return the offers, and how many blocks of data could not be read.

    Selectors of a page serve all its entities, paths each one; either goes before what the data says.
    """
    page, links = Element(response.selector), Links(response.selector)
    data, broken = documents(response.text, response.url)
    language = _language(response.selector, response)
    filled = []
    for entity, found in entities(data):
        found.url = _joined(response, found.url) if found.url else response.url
        found.language = language
        value = Value(entity)
        filled.append((_filled(found, response, fields, _Both(value, page), _Both(value, links)), value))
    markup.unstrike(response.selector.root)
    return [_priced(found, fields, _Both(value, page)) for found, value in filled], broken


class _Both:
    """Paths are for the entity, selectors for the page that it stands on."""

    def __init__(self, entity: Value, page: Element) -> None:
        self.entity, self.page = entity, page

    def texts(self, selector: Selector) -> Iterator[str]:
        return self.entity.texts(selector) if selector.path else self.page.texts(selector)

    def machine(self, selector: Selector) -> bool:
        """Return whether a program wrote it, as it does entities."""
        return bool(selector.path)


def _priced(found: RawOffer, fields: Fields, source: Source) -> RawOffer:
    """Return ``found`` with what the selectors of a price find."""
    for name in _PRICE:
        selector: Selector | None = getattr(fields, name)
        if selector is not None and (text := _single(source, selector)):
            setattr(found, name, text)
            if name == "price":
                found.machine = source.machine(selector)
    return found


def _filled(found: RawOffer, response: TextResponse, fields: Fields, source: Source, links: Source) -> RawOffer:
    """Return ``found`` with what the selectors of ``fields`` find, but those of its price."""
    for name in _SAID:
        selector: Selector | None = getattr(fields, name)
        if selector is not None and (text := _single(links if name == "url" else source, selector)):
            setattr(found, name, _joined(response, text) if name == "url" else text)
    if fields.amenities is not None:
        found.amenities = _all(source, fields.amenities)
        found.listed = fields.amenities.many
    return found


def _all(source: Source, selector: Selector) -> list[str]:
    if selector.value is not None:
        return [selector.value]
    texts = [text for text in source.texts(selector) if text]
    return texts if selector.many else texts[:1]


def _single(source: Source, selector: Selector) -> str:
    """Return the first text; all of them in lines when ``many``."""
    return "\n".join(_all(source, selector))
