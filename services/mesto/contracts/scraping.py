"""What the operator asks a spider to read: one run of one target, whole, so that the spider asks nobody back.

It travels as JSON in the argument ``crawl`` of scrapyd's job, whose id is that of the run.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from mesto.contracts.base import Contract
from mesto.contracts.fields import Count, Plain, Slug
from mesto.contracts.money import Currency
from mesto.contracts.offers import Coverage, Name, RunId
from mesto.contracts.places import Location
from pydantic import Field

PROJECT, SPIDER = "mesto", "declared"
"""What scrapyd knows the project and its one spider as."""
ARGUMENT = "crawl"
Expression = Annotated[str, Field(min_length=1, max_length=500)]
Address = Annotated[str, Field(min_length=1, max_length=2048)]


class Politeness(Contract):
    """How the site is treated. ``concurrency`` is requests to one host at once, ``max_pages`` where a run ends."""

    obey_robots: bool = True
    delay_seconds: float = Field(default=1, ge=0, le=300)
    concurrency: Count = Field(default=1, ge=1, le=16)
    max_pages: Count = Field(default=500, ge=1, le=100_000)


class Defaults(Contract):
    """What the site does not say."""

    city: Slug | None = None
    currency: Currency | None = None
    language: Literal["ru", "en"] | None = None


class DeclaredCity(Contract):
    """A city of the platform: what it is called in all languages and otherwise, and where it is."""

    slug: Slug
    names: list[Annotated[Plain, Field(min_length=1, max_length=100)]] = Field(default_factory=list, max_length=30)
    center: Location | None = None


class Selector(Contract):
    """How a value is found: exactly one of the four. ``many`` takes all that is found, not the first."""

    css: Expression | None = None
    xpath: Expression | None = None
    path: Expression | None = None
    value: Annotated[str, Field(max_length=500)] | None = None
    many: bool = False


class Fields(Contract):
    """Where the parts of an offer are, within an item."""

    name: Selector | None = None
    url: Selector | None = None
    address: Selector | None = None
    city: Selector | None = None
    price: Selector | None = None
    currency: Selector | None = None
    per: Selector | None = None
    amenities: Selector | None = None
    terms: Selector | None = None
    latitude: Selector | None = None
    longitude: Selector | None = None


class Extract(Contract):
    """How offers are found in what the site answers."""

    mode: Literal["structured_data", "selectors", "json_api"]
    items: Selector | None = None
    next: Selector | None = None
    fields: Fields = Field(default_factory=Fields)


class Expect(Contract):
    """What a healthy run finds, ``coverage`` in percent; less is a failure."""

    min_items: Count = Field(default=1, ge=0, le=100_000)
    coverage: Coverage = Field(default_factory=Coverage)


class Crawl(Contract):
    """One run. ``private`` allows addresses of private networks, which are refused otherwise.

    ``cities`` are those that the platform declares: an offer elsewhere has none.
    """

    run: RunId
    target: UUID
    namespace: Name
    name: Name
    start_urls: list[Address] = Field(min_length=1, max_length=20)
    politeness: Politeness = Field(default_factory=Politeness)
    defaults: Defaults = Field(default_factory=Defaults)
    extract: Extract
    expect: Expect = Field(default_factory=Expect)
    private: bool = False
    cities: list[DeclaredCity] | None = Field(default=None, max_length=200)
