"""Specs of targets that cannot be followed, and those that can."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from mesto.operator.kinds.scrapetarget.crawl import (
    cities,
)
from support.fakes.target_views import THREE, selectors
from support.fakes.targets import World


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"schedule": "61 * * * *"}, "not a schedule"),
        ({"defaults": {"currency": "roubles"}}, "currency"),
        (
            {"startUrls": ["https://vera:topsecret@rival.example.org/"]},
            "spec.startUrls[0]: it has a user",
        ),
        (
            {"startUrls": ["https://rival.example.org/", "http://127\u30020\u30020\u30021/"]},
            "spec.startUrls[1]: its host is no name by IDNA 2008",
        ),
        (selectors("Selectors", price={"css": ".price::"}), "spec.extract.fields.price.css: it is no CSS selector"),
        (selectors("Selectors", price={"css": "p:has-no("}), "spec.extract.fields.price.css: it is no CSS selector"),
        (selectors("Selectors", terms={"xpath": "//p["}), "spec.extract.fields.terms.xpath: it is no XPath"),
        (selectors("Selectors", url={"xpath": "re:what(//a)"}), "spec.extract.fields.url.xpath: it is no XPath"),
        (
            selectors("Selectors", url={"path": "a"}),
            "spec.extract.fields.url.path: mode Selectors reads pages",
        ),
        (selectors("JsonApi", per={"css": "p"}), "spec.extract.fields.per.css: mode JsonApi reads JSON; write path"),
        (selectors("JsonApi", price={"path": "a[?"}), "spec.extract.fields.price.path: it is no JMESPath"),
        (selectors("Selectors", next={"css": "a:::b"}), "spec.extract.next.css: it is no CSS selector"),
        (selectors("Selectors", next={"value": "/2"}), "spec.extract.next.value: a constant"),
        (selectors("StructuredData", items=None, price={"path": "a["}), "spec.extract.fields.price.path: it is no"),
        (selectors("Selectors", url={"xpath": "re:test(., '(')"}), "spec.extract.fields.url.xpath: it is no XPath"),
    ],
)
def test_a_spec_that_the_api_server_let_through_is_invalid(spec: dict[str, Any], said: str) -> None:
    world = World()
    world.apply(**spec)
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "Invalid")
    assert said in world.status()["conditions"][0]["message"]
    assert "topsecret" not in str(world.status())


@pytest.mark.parametrize(
    "broken",
    [
        selectors("Selectors", terms={"xpath": "re:test(., '(')"}),
        {"extract": 1, "startUrls": ["https://other.example.org/", 7, "http://["]},
        {"startUrls": 5},
    ],
)
def test_a_spec_that_breaks_while_its_run_goes_on_is_nobody_elses_matter_and_can_be_deleted(
    broken: dict[str, Any],
) -> None:
    world = World()
    world.apply("hostile", startUrls=["https://other.example.org/"])
    world.annotate("hostile", run="1")
    world.reconcile("hostile")
    world.apply()
    world.annotate(run="1")
    world.apply("hostile", **broken)
    world.reconcile("hostile")
    assert world.condition("Ready", "hostile") == ("False", "Invalid")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")
    assert len(world.pending) == 2
    world.delete("hostile")
    world.reconcile("hostile")
    assert "hostile" not in world.resources


@pytest.mark.parametrize("mode", ["Selectors", "JsonApi", "StructuredData"])
def test_selectors_that_can_be_read_are_ready(mode: str) -> None:
    world = World()
    price = {"path": "offers[?price > `0`].price | [0]"} if mode != "Selectors" else {"css": ".a:not(.b)::text"}
    terms = {"path": "join(' ', terms)"} if mode == "JsonApi" else {"xpath": "//p[re:test(., 'x')][has-class('y')]"}
    world.apply(**selectors(mode, price=price, terms=terms))
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")


def test_a_city_that_the_platform_does_not_declare_is_said_and_nothing_is_read() -> None:
    world = World()

    def declare(*cities: str, **more: Any) -> None:
        world.version += 1
        metadata = {"namespace": "mesto", "name": "default", "uid": str(uuid4()), "generation": 1}
        spec = {"geo": {"cities": [{"slug": slug} | more for slug in cities]}}
        config = {"metadata": metadata | {"resourceVersion": str(world.version)}, "spec": spec}
        world.targets.resources.update("platformconfigs", config)

    world.apply(defaults={"city": "atlantis"})
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")  # nobody knows which cities there are
    declare("moscow")
    assert world.reconcile() is None
    assert world.condition("Ready") == ("False", "UnknownCity")
    assert "spec.defaults.city" in world.status()["conditions"][0]["message"]
    world.set_clock(THREE)
    world.reconcile()
    assert not world.begun
    declare("moscow", "atlantis")
    world.reconcile()
    assert world.condition("Ready") == ("True", "Ready")
    declare("atlantis", namespaces=["elsewhere"])
    world.reconcile()
    assert world.condition("Ready") == ("False", "CityNotAllowed")


def test_a_run_knows_the_cities_that_its_namespace_may_use() -> None:
    named = {"name": {"en": "City"}, "timeZone": "Europe/Moscow", "currency": "RUB"}
    city = named | {"center": {"latitude": 55.0, "longitude": 37.0}}
    all_, theirs, ours = (city | {"slug": slug} for slug in ("moscow", "kazan", "tver"))
    declared = [all_, theirs | {"namespaces": ["elsewhere"]}, ours | {"namespaces": ["here", "elsewhere"]}]
    config = {"spec": {"geo": {"cities": declared}}}
    assert [city.slug for city in cities(config, "here")] == ["moscow", "tver"]
