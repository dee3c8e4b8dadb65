"""What a page says: its offers as the site writes them, and where the next page is. Pure: a response in, texts out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from mesto.contracts.scraping import Extract, Fields, Selector
from mesto.spiders.normalise import Found
from mesto.spiders.structured import DEEPEST, Unreadable, documents, entities
from parsel import Selector as Node
from scrapy.http import Response, TextResponse

_TEXTS = ("name", "url", "address", "city", "price", "currency", "per", "terms")


@dataclass
class Page:
    """What was found on a page."""

    found: list[Found] = field(default_factory=list)
    next: list[str] = field(default_factory=list)


class Source(Protocol):
    """Something that selectors are asked of: an element of a page, or a value of a JSON document."""

    def texts(self, selector: Selector) -> Iterator[str]:
        """All that a selector finds in it, in order, as text."""
        ...


class Element:
    """An element of an HTML or XML page."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def nodes(self, selector: Selector) -> list[Node]:
        """The elements that a selector finds. Raises Unreadable for a selector that cannot be read."""
        if not selector.css and not selector.xpath:
            raise Unreadable("a page is read by css or xpath; path is for JSON")
        try:
            return list(self.node.css(selector.css) if selector.css else self.node.xpath(selector.xpath or "."))
        except (ValueError, SelectorError) as error:
            raise Unreadable(f"the selector {selector.css or selector.xpath} cannot be read: {error}") from error

    def texts(self, selector: Selector) -> Iterator[str]:
        """A link stands for where it leads to only where an address is wanted, see ``Links``."""
        for node in self.nodes(selector):
            yield self.text(node)

    def text(self, node: Node) -> str:
        """The text of an element with all that is within, or the value of an attribute."""
        if hasattr(node.root, "tag"):
            return " ".join(part for one in node.xpath(".//text()").getall() if (part := one.strip()))
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
        """What a JMESPath finds. Raises Unreadable for a path that cannot be read."""
        try:
            return jmespath.search(path, self.value)
        except (JMESPathError, RecursionError) as error:
            raise Unreadable(f"the path {path} cannot be read: {error}") from error

    def texts(self, selector: Selector) -> Iterator[str]:
        """Texts and numbers; of lists each, of objects nothing."""
        if selector.path:
            yield from _scalars(self.find(selector.path), 0)


def _scalars(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, list) and depth < DEEPEST:
        for one in value:
            yield from _scalars(one, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value).strip()


def read(response: Response, extract: Extract) -> Page:
    """The offers of a page and the addresses of the next ones. Raises Unreadable."""
    if not isinstance(response, TextResponse):
        kind = (response.headers.get("Content-Type") or b"nothing we know").decode("latin-1")
        raise Unreadable(f"{response.url} answers {kind[:100]}, which is no text")
    try:
        if extract.mode == "json_api":
            return _json(response, extract)
        page = Links(response.selector)
        found = (
            _structured(response, extract.fields) if extract.mode == "structured_data" else _elements(response, extract)
        )
    except RecursionError as error:
        raise Unreadable(f"{response.url} is nested too deeply") from error
    return Page(found, _next(response, page, extract.next))


def _next(response: TextResponse, source: Source, selector: Selector | None) -> list[str]:
    if selector is None:
        return []
    texts = [text for text in source.texts(selector) if text]
    return [_joined(response, text) for text in (texts if selector.many else texts[:1])]


def _joined(response: TextResponse, address: str) -> str:
    try:
        return str(response.urljoin(address))
    except ValueError:
        return ""


def _elements(response: TextResponse, extract: Extract) -> list[Found]:
    whole = Element(response.selector)
    items = whole.nodes(extract.items) if extract.items else [response.selector]
    return [_filled(Found(), response, extract.fields, Element(item), Links(item)) for item in items]


def _json(response: TextResponse, extract: Extract) -> Page:
    try:
        document = Value(response.json())
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{response.url} is no JSON: {error}") from error
    items = document.find(extract.items.path) if extract.items and extract.items.path else document.value
    if items is None:
        items = []
    if not isinstance(items, list):
        items = [items]
    found = [_filled(Found(), response, extract.fields, Value(item), Value(item)) for item in items]
    return Page(found, _next(response, document, extract.next))


def _structured(response: TextResponse, fields: Fields) -> list[Found]:
    """Selectors of a page serve all its entities, paths each one; either goes before what the data says."""
    page, links = Element(response.selector), Links(response.selector)
    filled = []
    for entity, found in entities(documents(response.text, response.url)):
        found.url = _joined(response, found.url) if found.url else response.url
        filled.append(_filled(found, response, fields, _Both(Value(entity), page), _Both(Value(entity), links)))
    return filled


class _Both:
    """Paths are for the entity, selectors for the page that it stands on."""

    def __init__(self, entity: Value, page: Element) -> None:
        self.entity, self.page = entity, page

    def texts(self, selector: Selector) -> Iterator[str]:
        return self.entity.texts(selector) if selector.path else self.page.texts(selector)


def _filled(found: Found, response: TextResponse, fields: Fields, source: Source, links: Source) -> Found:
    """``found`` with what the selectors of ``fields`` find."""
    for name in _TEXTS:
        selector: Selector | None = getattr(fields, name)
        if selector is not None and (text := _one(links if name == "url" else source, selector)):
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


def _one(source: Source, selector: Selector) -> str:
    """The first text; all of them in lines when ``many``."""
    return "\n".join(_all(source, selector))
