"""What pages say: by selectors, as structured data, as JSON; and what cannot be read is said so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from mesto.contracts.scraping import Extract
from mesto.spiders.extraction import Page, read
from mesto.spiders.structured import Unreadable
from scrapy.http import HtmlResponse, JsonResponse, Response

URL = "https://rival.example.org/moscow"
CARDS = """
<article><h2>Hot <b>desk</b></h2><a href="/1">more</a><p class="price">450 ₽/час</p>
  <ul><li>Wi-Fi</li><li>Кофе</li></ul></article>
<article><h2>Office</h2><a href="https://other.example.org/2">more</a></article>
<nav><a class="next" href="?page=2">→</a></nav>
"""


def page(html: str, **extract: Any) -> Page:
    return read(HtmlResponse(URL, body=html.encode(), encoding="utf-8"), Extract.model_validate(extract))


def linked_data(*entities: Any) -> Page:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(entity)}</script>' for entity in entities)
    return page(f"<html><head>{scripts}</head></html>", mode="structured_data")


def test_selectors_find_the_parts_of_each_item() -> None:
    found = page(
        CARDS,
        mode="selectors",
        items={"css": "article"},
        next={"css": "a.next::attr(href)"},
        fields={
            "name": {"css": "h2"},
            "url": {"xpath": ".//a"},
            "price": {"css": ".price::text"},
            "currency": {"value": "RUB"},
            "amenities": {"css": "li::text", "many": True},
        },
    )
    first, second = found.found
    assert (first.name, first.url) == ("Hot desk", "https://rival.example.org/1")
    assert (first.price, first.currency) == ("450 ₽/час", "RUB")
    assert (first.amenities, first.listed) == (["Wi-Fi", "Кофе"], True)
    assert (second.name, second.url, second.price) == ("Office", "https://other.example.org/2", "")
    assert found.next == ["https://rival.example.org/moscow?page=2"]


def test_many_next_addresses_are_all_taken_and_one_is_the_first() -> None:
    links = '<a href="/a">a</a><a href="/b">b</a>'
    ends = [
        page(links, mode="selectors", next={"css": "a", "many": many}, fields={"name": {"css": "a"}}).next
        for many in (True, False)
    ]
    assert ends == [["https://rival.example.org/a", "https://rival.example.org/b"], ["https://rival.example.org/a"]]


PATTERNS = ("'('", "concat('x{9', '9999999999999}')", "concat('(', '')")


@pytest.mark.parametrize(
    "selector",
    [
        {"css": "h2:::"},
        {"xpath": "//["},
        {"path": "name"},
        {"xpath": "re:test(.)"},
        {"xpath": "has-class()"},
        *({"xpath": f"re:test(., {pattern})"} for pattern in PATTERNS),
    ],
)
def test_a_selector_that_cannot_be_read_is_said_so(selector: dict[str, str]) -> None:
    with pytest.raises(Unreadable, match=r"cannot be read|path is for JSON"):
        page(CARDS, mode="selectors", items={"css": "article"}, fields={"name": selector})


def test_a_business_with_offers_is_an_offer_each() -> None:
    found = linked_data(
        {
            "@context": "https://schema.org",
            "@type": ["LocalBusiness", "CoworkingSpace"],
            "name": "Loft",
            "url": "/loft",
            "address": {"@type": "PostalAddress", "streetAddress": "Арбат, 1", "addressLocality": "Moscow"},
            "amenityFeature": [{"@type": "LocationFeatureSpecification", "name": "Wi-Fi"}],
            "makesOffer": [
                {
                    "@type": "Offer",
                    "name": "Hot desk",
                    "priceSpecification": {
                        "@type": "UnitPriceSpecification",
                        "price": 450,
                        "priceCurrency": "RUB",
                        "unitCode": "HUR",
                    },
                },
                {"@type": "Offer", "itemOffered": {"name": "Office"}, "price": "25000", "priceCurrency": "RUB"},
            ],
        }
    ).found
    assert [offer.name for offer in found] == ["Loft: Hot desk", "Loft: Office"]
    assert (found[0].price, found[0].currency, found[0].per) == ("450", "RUB", "HUR")
    assert (found[0].address, found[0].city, found[0].amenities) == ("Арбат, 1, Moscow", "Moscow", ["Wi-Fi"])
    assert found[0].url == "https://rival.example.org/loft"
    assert found[1].per == ""


def test_products_in_a_list_or_a_graph_are_found_wherever_they_stand() -> None:
    product = {"@type": "Product", "name": "Desk", "offers": {"@type": "AggregateOffer", "lowPrice": "20"}}
    within_list = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": product}]}
    assert [offer.name for offer in linked_data(within_list, {"@graph": [product]}).found] == [
        "Desk",
        "Desk",
    ]


def test_a_business_without_offers_is_one_with_its_price_range() -> None:
    (found,) = linked_data({"@type": "LocalBusiness", "name": "Loft", "priceRange": "от 450 ₽/час"}).found
    assert (found.name, found.price) == ("Loft", "от 450 ₽/час")


def test_data_that_offers_nothing_is_nothing() -> None:
    assert linked_data({"@type": "WebSite", "name": "Rival"}, {"@type": "Person", "name": "Ann"}).found == []


def test_microdata_is_read_as_well() -> None:
    (found,) = page(
        """<div itemscope itemtype="https://schema.org/Product"><span itemprop="name">Desk</span>
        <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
        <span itemprop="price">20</span><meta itemprop="priceCurrency" content="EUR"></div></div>""",
        mode="structured_data",
    ).found
    assert (found.name, found.price, found.currency) == ("Desk", "20", "EUR")


def test_declared_fields_go_before_what_the_data_says() -> None:
    script = json.dumps({"@type": "Product", "name": "Desk", "sku": "A 1"})
    html = f'<script type="application/ld+json">{script}</script><p class="per">в месяц</p>'
    fields = {"name": {"path": "sku"}, "per": {"css": ".per::text"}}
    (found,) = page(html, mode="structured_data", fields=fields).found
    assert (found.name, found.per) == ("A 1", "в месяц")


GOOD = '{"@type": "Product", "name": "Desk"}'


@pytest.mark.parametrize(
    "block",
    [
        f"{GOOD};",
        f"{GOOD} ;\n",
        f"<!-- {GOOD} -->",
        f"<!--\n{GOOD}\n//-->",
        f"//<![CDATA[\n{GOOD}\n//]]>",
        f"/* <![CDATA[ */ {GOOD}; /* ]]> */",
        f"<![CDATA[{GOOD}]]>",
        f"// written by a plugin\n{GOOD}",
        f"/* desks */ {GOOD}",
        '{"@type": "Product", /* a desk */ "name": "Desk",}',
        f"\ufeff{GOOD}",
    ],
)
def test_linked_data_is_read_as_scripts_wrap_it(block: str) -> None:
    found = page(f'<script type="application/ld+json">{block}</script>', mode="structured_data")
    assert ([offer.name for offer in found.found], found.broken) == (["Desk"], 0)


@pytest.mark.parametrize("block", ['{"@type": ', "[" * 100_000, "var a = 1", "<p>", '{"a": 1}{"b": 2}', "-" * 50_000])
def test_a_block_that_cannot_be_read_is_left_out_and_counted(block: str) -> None:
    script = '<script type="application/ld+json">{}</script>'.format
    alone = page(script(block), mode="structured_data")
    assert (alone.found, alone.broken) == ([], 1)
    beside = page(script(block) + script(GOOD) + script(" "), mode="structured_data")
    assert ([offer.name for offer in beside.found], beside.broken) == (["Desk"], 1)


def test_a_page_without_data_has_none_broken() -> None:
    assert [page(html, mode="structured_data").broken for html in (" ", "<!-- -->", "<p>Desk")] == [0, 0, 0]


def test_a_page_that_declares_its_encoding_or_holds_anything_is_read() -> None:
    script = f'<script type="application/ld+json">{GOOD.replace("Desk", "Стол")}</script>'
    for html in ('<?xml version="1.0" encoding="windows-1251"?>' + script, "\x00\ud800" + script):
        body = HtmlResponse(URL, body=html.encode("utf-8", "replace"), encoding="utf-8")
        assert [offer.name for offer in read(body, Extract(mode="structured_data")).found] == ["Стол"]


@pytest.mark.parametrize("link", ["javascript:void(0)", "JavaScript:;", "mailto:a@example.org", "tel:+7495", "data:,x"])
@pytest.mark.parametrize("many", [True, False])
def test_links_that_lead_to_no_page_are_no_next_page(link: str, many: bool) -> None:
    html = f'<h2>Desk</h2><a href="{link}">→</a>'
    extract = {"items": {"css": "h2"}, "fields": {"name": {"xpath": "."}}, "next": {"css": "a", "many": many}}
    assert page(html, mode="selectors", **extract).next == []


STRUCK = """<article lang="es"><h2>Desk</h2><p class="price"><s>$40/day</s> <del>$39</del>
  <span style="color: red; text-decoration: Line-Through">$38/day</span> <b>$25/day</b> <strike>$9</strike></p>
</article>"""


@pytest.mark.parametrize("selector", [".price", ".price *", ".price ::text"])
def test_what_is_struck_out_is_no_price(selector: str) -> None:
    fields = {"name": {"css": "h2"}, "price": {"css": selector, "many": True}}
    (found,) = page(STRUCK, mode="selectors", items={"css": "article"}, fields=fields).found
    assert "25/day" in found.price
    assert not {"40", "39", "38", "9"} & set(re.findall("[0-9]+", found.price))
    assert (found.name, found.language) == ("Desk", "es")


@pytest.mark.parametrize("mode", ["structured_data", "selectors"])
def test_an_answer_in_json_has_no_markup(mode: str) -> None:
    answer = JsonResponse(URL, body=b'{"a": 1}')
    assert all(not offer.name for offer in read(answer, Extract.model_validate({"mode": mode})).found)


def test_raised_digits_stay_raised() -> None:
    html = "<p>1 450<sup>00</sup> ₽ за м<sup>2</sup></p><style>p {}</style>"
    (found,) = page(html, mode="selectors", items={"css": "body"}, fields={"name": {"xpath": "."}}).found
    assert found.name == "1 450⁰⁰ ₽ за м²"


def test_the_language_of_a_page_is_that_of_the_nearest_element_else_of_the_answer() -> None:
    html = '<html lang="de"><body><h2 lang="en-GB">Desk</h2><h2>Tisch</h2></body></html>'
    extract = {"mode": "selectors", "items": {"css": "h2"}, "fields": {"name": {"xpath": "."}}}
    assert [offer.language for offer in page(html, **extract).found] == ["en-GB", "de"]
    bare = HtmlResponse(URL, body=b"<h2>Mesa</h2>", encoding="utf-8", headers={"Content-Language": "es"})
    assert read(bare, Extract.model_validate(extract)).found[0].language == "es"


def test_a_price_in_an_attribute_is_a_programs_and_one_in_a_text_is_a_persons() -> None:
    html = """<div itemscope itemtype="https://schema.org/Product"><span itemprop="name">{}</span>
        <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">{}</div></div>"""
    prices = ['<span itemprop="price">1.250</span>', '<span itemprop="price" content="1.250">1,25 €</span>']
    found = page("".join(html.format(name, name) for name in prices), mode="structured_data").found
    assert [(offer.price, offer.machine) for offer in found] == [("1.250", False), ("1.250", True)]


def test_a_position_is_read_from_the_data_and_by_selectors() -> None:
    place = {
        "@type": "Place",
        "name": "Loft",
        "geo": {"@type": "GeoCoordinates", "latitude": 55.75, "longitude": "37.6"},
    }
    (found,) = linked_data(place).found
    assert (found.latitude, found.longitude) == ("55.75", "37.6")
    fields = {"name": {"path": "n"}, "latitude": {"path": "at[0]"}, "longitude": {"path": "at[1]"}}
    (found,) = api({"items": [{"n": "Desk", "at": [55.75, 37.6]}]}, items={"path": "items"}, fields=fields).found
    assert (found.latitude, found.longitude) == ("55.75", "37.6")


def test_data_nested_without_end_is_read_to_a_depth() -> None:
    nested: Any = {"@type": "Product", "name": "Desk"}
    for _ in range(200):
        nested = {"about": nested}
    assert linked_data(nested).found == []


def api(document: Any, **extract: Any) -> Page:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read(JsonResponse(URL, body=body), Extract.model_validate({"mode": "json_api", **extract}))


def test_a_json_api_is_read_by_paths() -> None:
    document = {
        "data": [{"title": "Desk", "cost": 450.5, "tags": ["a", "b"], "id": 7}],
        "links": {"next": "?p=2"},
    }
    fields = {
        "name": {"path": "title"},
        "price": {"path": "cost"},
        "per": {"value": "hour"},
        "amenities": {"path": "tags", "many": True},
        "url": {"path": "join('', ['/spaces/', to_string(id)])"},
    }
    found = api(document, items={"path": "data"}, next={"path": "links.next"}, fields=fields)
    (offer,) = found.found
    assert (offer.name, offer.price, offer.per, offer.amenities) == ("Desk", "450.5", "hour", ["a", "b"])
    assert offer.url == "https://rival.example.org/spaces/7"
    assert found.next == ["https://rival.example.org/moscow?p=2"]


def test_numbers_of_json_stay_as_they_are_written() -> None:
    document = (
        b'{"items": [{"n": "a", "p": 8.333}, {"n": "b", "p": 1.2500}, {"n": "c", "p": "8.333"}, {"n": "d", "p": 1e3}]}'
    )
    fields = {"name": {"path": "n"}, "price": {"path": "p"}}
    found = api(document, items={"path": "items"}, fields=fields).found
    assert [(offer.price, offer.machine) for offer in found] == [
        *(("8.333", True), ("1.2500", True), ("8.333", False), ("1000", True)),
    ]
    assert [
        offer.name
        for offer in api(document, items={"path": "items[?type(p) == 'number'] | [?p > `5`]"}, fields=fields).found
    ] == ["a", "d"]


@pytest.mark.parametrize("document", [b"<html>", b"", b"[" * 100_000, b'{"a": '])
def test_what_is_no_json_is_said_so(document: bytes) -> None:
    with pytest.raises(Unreadable, match="no JSON"):
        api(document, items={"path": "data"}, fields={"name": {"path": "title"}})


def test_a_path_that_cannot_be_read_is_said_so() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        api({"data": [1]}, items={"path": "data[["}, fields={"name": {"path": "title"}})


def test_memory_that_runs_out_is_no_fault_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("mesto.spiders.extraction.jmespath.search", fail)
    with pytest.raises(MemoryError):
        api({"data": [1]}, items={"path": "data"}, fields={"name": {"path": "title"}})


def test_a_path_that_compares_a_text_with_a_number_is_said_so() -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        api({"data": [{"p": "5"}]}, items={"path": "data[?p > `5`]"}, fields={"name": {"path": "title"}})


def test_no_items_are_none() -> None:
    assert api({"data": None}, items={"path": "data"}, fields={"name": {"path": "title"}}).found == []


def test_an_answer_that_is_no_text_is_said_so() -> None:
    picture = Response(URL, headers={"Content-Type": "image/png"}, body=b"\x89PNG")
    with pytest.raises(Unreadable, match="image/png"):
        read(picture, Extract(mode="structured_data"))
