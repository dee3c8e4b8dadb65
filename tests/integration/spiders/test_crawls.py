"""The real spider reads a site on loopback and brings what it finds to a real catalog."""

from __future__ import annotations

import gzip
import json
import signal
import uuid
from typing import Any

import pytest
from mesto.contracts.offers import FAILURES
from support.clients.spiders import Target, cards
from support.fakes.site import Site
from support.servers.platform import Platform, PlatformFactory
from support.waiting import eventually


@pytest.fixture(scope="module")
def catalog(new_platform: PlatformFactory) -> Platform:
    return new_platform("catalog", tasks=False)


@pytest.fixture
def target(catalog: Platform, site: Site) -> Target:
    return Target(catalog, site.url + "/", name=f"rival-{uuid.uuid4().hex[:8]}")


def test_pages_are_read_by_selectors_to_the_last_one(target: Target, site: Site) -> None:
    site.page("/", cards("Hot desk", "Office", following="/?page=2"))
    site.page("/?page=2", cards("Переговорная", following="/"))
    run = target.run()
    assert (run["outcome"], run["items"], run["pages"], run["shown"]) == ("succeeded", 3, 2, True), run["log"]
    shown = {item["name"]: item for item in target.shown()}
    assert set(shown) == {"Hot desk", "Office", "Переговорная"}
    desk = shown["Hot desk"]
    assert desk["price"] == {"amount": "450.00", "currency": "RUB", "per": "hour"}
    assert (desk["city"], desk["kind"], desk["url"]) == ("moscow", "hot_desk", site.url + "/0")
    assert (desk["amenities"], desk["terms"]["min_duration_minutes"]) == (["Wi-Fi"], 120)
    assert run["coverage"] == {"url": 100, "address": 0, "price": 100, "amenities": 100, "terms": 100}
    assert site.asked == ["/robots.txt", "/", "/?page=2"]
    assert all(agent.startswith("mesto/") for agent in site.agents)


def test_structured_data_and_a_json_api_are_read(target: Target, site: Site) -> None:
    data = {"@type": "Product", "name": "Desk", "offers": {"@type": "Offer", "price": 8.333, "priceCurrency": "EUR"}}
    data["offers"]["unitText"] = "day"  # type: ignore[index]
    script = '<script type="application/ld+json">{}</script>'.format
    next_link = '<a class="next" href="javascript:void(0)">→</a>'
    site.page("/", script(f"<!-- {json.dumps(data)}; -->") + script('{"@type": ') + next_link)
    extract = {"mode": "structured_data", "next": {"css": "a.next"}}
    run = target.run(target.crawl(extract=extract))
    assert (run["outcome"], "1 block of structured data" in run["message"]) == ("succeeded", True), run["log"]
    assert [item["price"] for item in target.shown()] == [{"amount": "8.33", "currency": "EUR", "per": "day"}]

    for number in range(3):
        desks = [{"t": f"Desk {number}-{column}", "at": [55.75, 37.6 if column else 237.6]} for column in range(100)]
        document: dict[str, Any] = {"items": desks, "next": f"/api?p={number + 1}"}
        if number == 2:
            del document["next"]
        site.page(f"/api?p={number}", json.dumps(document), type="application/json")
    extract = {
        "mode": "json_api",
        "items": {"path": "items"},
        "next": {"path": "next"},
        "fields": {"name": {"path": "t"}, "latitude": {"path": "at[0]"}, "longitude": {"path": "at[1]"}},
    }
    run = target.run(target.crawl(extract=extract, start_urls=[site.url + "/api?p=0"]))
    assert (run["outcome"], run["items"]) == ("succeeded", 300)
    assert "3 positions that cannot be true were left out." in run["message"]
    assert [item["location"] for item in target.shown()].count({"latitude": 55.75, "longitude": 37.6}) == 297


def test_a_run_ends_where_it_may_read_no_more_pages(target: Target, site: Site) -> None:
    for number in range(5):
        site.page(f"/?p={number}", cards(f"Desk {number}", following=f"/?p={number + 1}"))
    start = [site.url + "/?p=0"]
    run = target.run(target.crawl(start_urls=start, politeness={"delay_seconds": 0, "max_pages": 3}))
    assert (run["outcome"], run["pages"], len(target.shown())) == ("succeeded", 3, 3)


def _failures(site: Site) -> dict[str, dict[str, Any]]:
    """A crawl that fails in each way there is."""
    html = cards("Desk")
    site.page("/robots/", html)
    site.page("/robots.txt", "User-agent: mesto\nDisallow: /robots/", type="text/plain")
    site.page("/slow", html, hangs=True)
    site.page("/forbidden", "no", status=403)
    site.page("/captcha", "<h1>Подтвердите, что вы не робот</h1>")
    site.page("/error", "oops", status=500)
    site.page("/broken", '{"items": [', type="application/json")
    site.page("/none", "<h1>Nothing</h1>")
    site.page("/cards", html)
    site.page("/huge", " " * 100_000, repeat=200)
    site.page("/bomb", "<p>hello", status=302, headers={"Location": "http://other.example.org/"})
    site.page("/packed", gzip.compress(b" " * 20_000_000), headers={"Content-Encoding": "gzip"})
    api = {"mode": "json_api", "fields": {"name": {"path": "t"}}}
    return {
        "dns": {"start_urls": ["http://no-such-name.invalid/"]},
        "timeout": {"start_urls": [site.url + "/slow"]},
        "http": {"start_urls": [site.url + "/error"]},
        "http: not there": {"start_urls": [site.url + "/nowhere"]},
        "http: too large": {"start_urls": [site.url + "/huge"]},
        "http: too large when unpacked": {"start_urls": [site.url + "/packed"]},
        "http: another host": {"start_urls": [site.url + "/bomb"]},
        "robots": {"start_urls": [site.url + "/robots/"]},
        "blocked": {"start_urls": [site.url + "/forbidden"]},
        "blocked: asks who we are": {"start_urls": [site.url + "/captcha"]},
        "parse": {"start_urls": [site.url + "/broken"], "extract": api},
        "parse: selector": {
            "start_urls": [site.url + "/cards"],
            "extract": {"mode": "selectors", "items": {"css": "::::"}},
        },
        "empty": {"start_urls": [site.url + "/none"]},
        "coverage": {"start_urls": [site.url + "/cards"], "expect": {"coverage": {"address": 80}}},
    }


@pytest.mark.timeout(600)  # a process for each way to fail
def test_every_class_of_failure_is_told_and_changes_nothing_that_is_shown(target: Target, site: Site) -> None:
    site.page("/", cards("Old"))
    assert target.run()["shown"]
    told = set()
    for what, changes in _failures(site).items():
        run = target.run(target.crawl(**changes), MESTO_SPIDERS_PAGE_SECONDS="2")
        outcome = what.partition(":")[0]
        assert run["outcome"] == outcome, f"{what}: {run['outcome']} {run['message']}\n{run['log']}"
        assert run["message"].endswith("."), run["message"]
        assert run["items"] <= 1
        told.add(outcome)
    assert told == set(FAILURES) - {"crashed"}  # which is told below
    assert [item["name"] for item in target.shown()] == ["Old"]


DOUBLING = {"path": "[@,@]|" * 60 + "to_string(@)"}
"""What doubles with every six characters."""


def test_a_selector_that_takes_all_memory_fails_its_run_and_says_so(target: Target, site: Site) -> None:
    site.page("/", json.dumps({"a": "b" * 10_000}), type="application/json")
    extract = {"mode": "json_api", "items": {"path": "@"}, "fields": {"name": DOUBLING}}
    # By an exec: what a process has of the one that it was forked from counts as its memory, too.
    run = target.run(target.crawl(extract=extract), by_exec=True, MESTO_SPIDERS_MEMORY_MB="128")
    assert (run["outcome"], run["message"]) == ("crashed", "The spider needed more memory than it may."), run["log"]


def test_a_selector_that_takes_all_time_ends_its_process_and_the_log_says_where(target: Target, site: Site) -> None:
    site.page("/", cards("a" * 100 + "b"))
    fields = {"name": {"xpath": "self::*[re:test(string(.), '(a+)+$')]/h2/text()"}}
    extract = {"mode": "selectors", "items": {"css": "article"}, "fields": fields}
    run = target.run(target.crawl(extract=extract), MESTO_SPIDERS_READ_SECONDS="1")
    assert run["outcome"] == "running"  # the operator ends it as soon as scrapyd has seen its process end
    assert "Timeout (0:00:01)!" in run["log"]
    assert "extraction.py" in run["log"]


def test_a_failing_page_in_the_middle_leaves_what_was_shown(target: Target, site: Site) -> None:
    site.page("/", cards("Old"))
    target.run()
    site.page("/", cards("New", following="/?page=2"))
    site.page("/?page=2", "oops", status=404)
    run = target.run()
    assert (run["outcome"], "/?page=2 answered 404" in run["message"]) == ("http", True)
    assert [item["name"] for item in target.shown()] == ["Old"]


def test_a_spider_that_is_stopped_says_that_it_crashed(target: Target, site: Site) -> None:
    site.page("/", cards("Desk", following="/slow"))
    site.page("/slow", hangs=True)
    spider = target.launch(crawl := target.crawl())
    eventually(lambda: "/slow" in site.asked, "the second page to be asked for")
    spider.process.send_signal(signal.SIGTERM)
    site.hold.set()
    output = spider.output(timeout=60)
    (run,) = target.state()["runs"]
    assert (run["id"], run["outcome"]) == (crawl.run, "crashed"), output
    assert "stopped" in run["message"]
    assert target.shown() == []


def test_private_addresses_are_refused_unless_they_are_allowed(target: Target, site: Site) -> None:
    site.page("/", cards("Desk"))
    port = site.url.rpartition(":")[2]
    hosts = {"127.0.0.1": "private network", "localhost": "private network", "[::1]": "private network"}
    hosts |= {"2130706433": "four decimal numbers", "127\u30020\u30020\u30021": "private network"}
    for host, why in hosts.items():
        run = target.run(target.crawl(private=False, start_urls=[f"http://{host}:{port}/"]))
        assert (run["outcome"], why in run["message"]) == ("http", True), f"{host}: {run['message']}"
    assert site.asked == []


def test_a_run_that_has_ended_or_whose_target_is_gone_reads_nothing(target: Target, site: Site) -> None:
    site.page("/", cards("Desk"))
    crawl = target.crawl()
    target.run(crawl)
    asked = len(site.asked)
    again = target.run(crawl)
    assert (again["outcome"], len(site.asked)) == ("succeeded", asked)
    with target.platform.internal_client("catalog", "operator") as client:
        answer = client.delete(f"/internal/scrape-targets/{target.uid}", params={"policy": "delete"})
        assert answer.status_code == 204
    output = target.launch(target.crawl()).output(timeout=60)
    assert "nothing is read" in output
    assert len(site.asked) == asked
    assert target.shown() == []


def test_offers_wait_for_a_catalog_that_is_away(target: Target, site: Site) -> None:
    site.page("/", cards(*[f"Desk {number}" for number in range(250)], following="/slow"))
    site.page("/slow", cards("Last"), hangs=True)
    spider = target.launch(target.crawl())
    eventually(lambda: "/slow" in site.asked, "the second page to be asked for")
    target.platform.kill("catalog")
    site.hold.set()
    eventually(lambda: spider.wrote("catalog is away"), "the spider to miss catalog")
    target.platform.start("catalog")
    spider.output(timeout=120)
    (run,) = target.state()["runs"]
    assert (run["outcome"], run["items"], len(target.shown())) == ("succeeded", 251, 251)


def test_a_catalog_that_stays_away_does_not_make_a_run_look_good(target: Target, site: Site) -> None:
    site.page("/", cards("Desk", following="/slow"))
    site.page("/slow", cards("Last"), hangs=True)
    spider = target.launch(target.crawl(), MESTO_SPIDERS_PATIENCE_SECONDS="1")
    eventually(lambda: "/slow" in site.asked, "the second page to be asked for")
    target.platform.kill("catalog")
    site.hold.set()
    output = spider.output(timeout=60)
    target.platform.start("catalog")
    (run,) = target.state()["runs"]
    assert run["outcome"] == "running", output
    assert "the end of the run was not told" in output
    assert target.shown() == []


def test_a_site_whose_robots_txt_need_not_be_obeyed_is_not_asked_for_it(target: Target, site: Site) -> None:
    site.page("/", cards("Desk", following="/2"))
    site.page("/2", cards("Desk 2"))
    run = target.run(target.crawl(politeness={"delay_seconds": 0, "obey_robots": False}))
    assert run["outcome"] == "succeeded"
    assert site.asked == ["/", "/2"]
