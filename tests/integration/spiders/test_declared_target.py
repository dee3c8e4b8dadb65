"""The whole way: a ScrapeTarget applied with kubectl is read by the real spider on real scrapyd, and shown."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.clients.spaces import conditions, dump
from support.clients.spiders import cards
from support.fakes.site import Site
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually


@pytest.fixture(scope="module")
def platform(new_platform: PlatformFactory) -> Platform:
    env = {"MESTO_OPERATOR_RUN_LOOK_SECONDS": "0.5"}
    return new_platform("catalog", "scrapyd", "operator", env=env, tasks=False)


@pytest.fixture
def namespace_of_rivals(platform: Platform) -> Iterator[str]:
    name = platform.namespace(f"rivals-{uuid.uuid4().hex[:8]}")
    yield name
    platform.delete_all("sct", name)


def apply(platform: Platform, namespace: str, site: Site, run: str) -> None:
    """A target of the site that is to be read now."""
    spec = {
        "startUrls": [site.url + "/"],
        "schedule": "0 0 29 2 *",
        "politeness": {"delaySeconds": 0.0},
        "defaults": {"city": "moscow", "currency": "RUB"},
        "extract": {
            "mode": "Selectors",
            "items": {"css": "article"},
            "next": {"css": "a.next::attr(href)"},
            "fields": {"name": {"css": "h2::text"}, "price": {"css": ".price::text"}},
        },
        "expect": {"minItems": 3, "coverage": {"price": 80}},
    }
    metadata = {"name": "rival", "annotations": {"mesto.dev/run": run}}
    manifest = {"apiVersion": "mesto.dev/v1alpha1", "kind": "ScrapeTarget", "metadata": metadata, "spec": spec}
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(manifest))


def healthy(platform: Platform, namespace: str, status: str, reason: str) -> dict[str, Any]:
    """The target's status once its condition Healthy says this."""

    def condition_reached() -> dict[str, Any]:
        target: dict[str, Any] = platform.resource("sct", "rival", namespace)
        condition = conditions(target).get("Healthy", {})
        assert (condition.get("status"), condition.get("reason")) == (status, reason), condition
        return dict(target["status"])

    return eventually(condition_reached, f"Healthy={status}, {reason}")


def shown(platform: Platform) -> dict[str, Any]:
    url = f"{platform.url('catalog')}/api/catalog/competitor-offers"
    answer = httpx.get(url, params={"target": "rival"}, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    return {item["name"]: item["price"] for item in answer.json()["items"]}


def test_a_declared_target_is_read_and_shown_and_its_failures_are_its_reasons(
    platform: Platform, namespace_of_rivals: str, site: Site
) -> None:
    namespace = namespace_of_rivals
    site.page("/", cards("Hot desk", "Office", following="/?page=2"))
    site.page("/?page=2", cards("Переговорная", price="1 200 ₽/день"))

    apply(platform, namespace, site, "first")
    healthy(platform, namespace, "False", "Http")  # the site is on loopback, and nobody has allowed that
    assert (site.asked, shown(platform)) == ([], {})

    platform.kubectl("label", "namespace", namespace, "mesto.dev/allow-private-addresses=true")
    apply(platform, namespace, site, "second")
    status = healthy(platform, namespace, "True", "Healthy")
    assert status["lastRun"]["items"] == 3
    offers = shown(platform)
    assert set(offers) == {"Hot desk", "Office", "Переговорная"}
    assert offers["Переговорная"] == {"amount": "1200.00", "currency": "RUB", "per": "day"}

    site.page("/", cards("Hot desk"))
    apply(platform, namespace, site, "third")
    healthy(platform, namespace, "False", "Empty")
    assert shown(platform) == offers
