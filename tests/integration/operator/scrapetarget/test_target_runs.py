"""ScrapeTargets from manifest to public offers: real API server, catalog, scrapyd, spider, and a site on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.clients.spaces import conditions
from support.clients.spiders import CARDS, cards
from support.fakes.site import Site
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def stage(new_platform: PlatformFactory) -> Platform:
    env = {"MESTO_OPERATOR_RUN_LOOK_SECONDS": "0.5", "MESTO_OPERATOR_RUN_LOST_SECONDS": "2"}
    return new_platform("catalog", "scrapyd", "operator", env=env, tasks=False)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def ns(stage: Platform) -> Iterator[str]:
    """A namespace that may read loopback and whose targets go after the test."""
    name = stage.namespace(f"run-{uuid.uuid4().hex[:8]}")
    stage.change("namespace", name, "", {"metadata": {"labels": {"mesto.dev/allow-private-addresses": "true"}}})
    yield name
    stage.delete_all("sct", name)


def apply(stage: Platform, ns: str, site: Site, **spec: Any) -> str:
    """Apply a target that is named as its namespace and ask it to run; its name."""
    default = {
        "startUrls": [site.url + "/"],
        "schedule": "0 0 29 2 *",
        "politeness": {"delaySeconds": 0},
        "defaults": {"city": "moscow", "currency": "RUB", "language": "ru"},
        "extract": CARDS | {"mode": "Selectors"},
    }
    metadata = {"name": ns, "annotations": {"mesto.dev/run": "1"}}
    manifest = {"apiVersion": "mesto.dev/v1alpha1", "kind": "ScrapeTarget", "metadata": metadata}
    stage.apply(ns, manifest | {"spec": default | spec})
    return ns


def wait(stage: Platform, ns: str, status: str, reason: str) -> Manifest:
    """The status once Healthy says this."""

    def condition_reached() -> Manifest:
        resource = stage.resource("sct", ns, ns)
        condition = conditions(resource).get("Healthy", {})
        assert (condition.get("status"), condition.get("reason")) == (status, reason), condition
        found: Manifest = resource["status"]
        return found

    return eventually(condition_reached, f"Healthy is {status} {reason}")


def shown(stage: Platform, target: str) -> set[str]:
    url = f"{stage.url('catalog')}/api/catalog/competitor-offers"
    items = httpx.get(url, params={"target": target}, timeout=30, trust_env=False).json()["items"]
    return {item["name"] for item in items}


def test_what_a_site_offers_is_public_after_its_run(stage: Platform, site: Site, ns: str) -> None:
    site.page("/", cards("Hot desk", "Room"))
    target = apply(stage, ns, site, expect={"minItems": 2, "coverage": {"price": 80}})
    last = wait(stage, ns, "True", "Healthy")["lastRun"]
    assert (last["outcome"], last["items"], last["coverage"]["price"]) == ("Succeeded", 2, 100)
    assert shown(stage, target) == {"Hot desk", "Room"}
    site.page("/", cards("Hot desk"))
    stage.annotate("sct", ns, ns, "mesto.dev/run=2")
    wait(stage, ns, "False", "Empty")
    assert shown(stage, target) == {"Hot desk", "Room"}  # a failed run changes nothing


def test_a_namespace_without_the_label_reads_no_loopback(stage: Platform, site: Site, ns: str) -> None:
    stage.kubectl("label", "namespace", ns, "mesto.dev/allow-private-addresses-")
    site.page("/", cards("Hot desk"))
    apply(stage, ns, site)

    def ended() -> bool:
        resource = stage.resource("sct", ns, ns)
        return "finishedAt" in resource.get("status", {}).get("lastRun", {})

    eventually(ended, "the run to end")
    assert site.asked == []


def test_a_target_deleted_while_it_runs_ends_its_spider(stage: Platform, site: Site, ns: str) -> None:
    site.page("/", cards("Hot desk"), hangs=True)
    apply(stage, ns, site)
    eventually(lambda: "/" in site.asked, "the spider to read the site")
    stage.delete("sct", ns, ns)
    assert shown(stage, ns) == set()
    assert stage.sql("SELECT count(*) FROM catalog.scrape_runs WHERE outcome = 'running'") == [(0,)]


def test_a_run_that_dies_with_scrapyd_has_crashed_and_the_next_one_runs(stage: Platform, site: Site, ns: str) -> None:
    site.page("/", cards("Hot desk"), hangs=True)
    apply(stage, ns, site)
    eventually(lambda: "/" in site.asked, "the spider to read the site")
    stage.kill("scrapyd")
    stage.start("scrapyd")
    wait(stage, ns, "False", "Crashed")
    site.page("/", cards("Hot desk"))
    stage.annotate("sct", ns, ns, "mesto.dev/run=2")
    wait(stage, ns, "True", "Healthy")
    assert shown(stage, ns) == {"Hot desk"}
