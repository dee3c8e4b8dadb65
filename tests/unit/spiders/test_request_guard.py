"""Where a spider may go, and how it is to treat a site."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from mesto.contracts.scraping import Crawl
from mesto.spiders.request_guard import (
    HOSTS,
    PRIVATE,
    PRIVATE_NAMES,
    Forbidden,
    Outside,
    Redirects,
    Refreshes,
    RequestGuard,
    Resolver,
    hosts_of,
)
from mesto.spiders.target_spider import classify, settings_of
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler
from twisted.internet.address import IPv4Address, IPv6Address

HERE = RequestGuard(["rival.example.org", "10.0.0.8"], private=False)


@pytest.mark.parametrize("url", ["https://rival.example.org/1", "http://RIVAL.example.org:8080/?q=1"])
def test_the_hosts_of_the_start_addresses_may_be_read(url: str) -> None:
    assert HERE.refusal(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://www.rival.example.org/", "another host"),
        ("https://rival.example.org.evil.example/", "another host"),
        ("https://rival.example.org@evil.example/", "user or a password"),
        ("http://rival.example\u3002org/", "IDNA 2008"),
        ("http://127\u30020\u30020\u30021/", "IDNA 2008"),
        ("http://\u2460\u2461\u2466.0.0.1/", "IDNA 2008"),
        ("http://0x7f.1/", "four decimal numbers"),
        ("http://2130706433/", "four decimal numbers"),
        ("http://[::ffff:127.0.0.1]/", "private network"),
        ("http://168.63.129.16/", "private network"),
        ("ftp://rival.example.org/", "no http"),
        ("file:///etc/passwd", "no http"),
        ("http://[::1", "no address"),
        ("http://[::1]/", "private network"),
        ("http://10.0.0.8/", "private network"),
        ("http://169.254.169.254/latest/meta-data", "private network"),
    ],
)
def test_nothing_else_may(url: str, why: str) -> None:
    assert why in (HERE.refusal(url) or "")


def _chain(*urls: str) -> Request:
    """A request that redirects have led to, from the first address to the last."""
    return Request(urls[-1], meta={"redirect_urls": list(urls[:-1]), "redirect_times": len(urls) - 1})


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        (_chain("https://a.example/"), "/"),
        (_chain("https://a.example/?x=1&y=2"), "/?y=2&x=1"),
        (_chain("https://a.example/", "https://a.example/en"), "https://a.example/#top"),
    ],
)
def test_redirects_in_a_circle_are_a_fault_of_the_site(asked: Request, location: str) -> None:
    redirects = Redirects.from_crawler(get_crawler())
    answer = HtmlResponse(asked.url, status=302, headers={"Location": location}, request=asked)
    with pytest.raises(IgnoreRequest) as caught:
        redirects.process_response(asked, answer)
    assert classify(caught.value, asked.url)[0] == "http"
    assert "its redirects lead in a circle" in classify(caught.value, asked.url)[1]
    on = HtmlResponse(asked.url, status=302, headers={"Location": "/list"}, request=asked)
    assert isinstance(redirects.process_response(asked, on), Request)


def test_a_page_that_refreshes_itself_is_read() -> None:
    refreshes, asked = Refreshes.from_crawler(get_crawler()), Request("https://a.example/list")
    for goal, is_read in (("", True), ("; url=/list", True), ("; url=/other", False)):
        head = f'<html><head><meta http-equiv="refresh" content="60{goal}"></head></html>'
        page = HtmlResponse(asked.url, body=head.encode(), request=asked)
        assert (refreshes.process_response(asked, page) is page) is is_read


@pytest.mark.parametrize(
    "host",
    ["127\u30020\u30020\u30021", "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "0x7f.1", "127.1"],
)
def test_what_scrapy_makes_of_an_address_is_seen_as_what_it_is(host: str) -> None:
    """A start address, a link or a raw Location header comes here as a request, in Scrapy's own spelling."""
    url = Request(f"http://{host}:8080/").url
    assert HERE.refusal(url) is not None
    assert RequestGuard(hosts_of([url]), private=False).refusal(url) is not None


def test_no_secret_of_an_address_is_told() -> None:
    for url in ("https://vera:topsecret@rival.example.org/", "https://other.example.org/?key=topsecret"):
        assert "topsecret" not in (HERE.refusal(url) or "topsecret")
    for error in (DownloadConnectionRefusedError("topsecret"), CannotResolveHostError("topsecret")):
        assert "topsecret" not in classify(error, "https://other.example.org/?key=topsecret")[1]


def test_a_private_host_may_when_the_namespace_allows_it() -> None:
    allowed = RequestGuard(["10.0.0.8"], private=True)
    assert allowed.refusal("http://10.0.0.8/") is None
    assert "another host" in (allowed.refusal("http://10.0.0.9/") or "")


class Receiver:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None: ...

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.complete = True


class Reactor:
    """A reactor whose names stand for fixed addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.nameResolver, self.installed = addresses, self, None

    def resolveHostName(self, receiver: Any, name: str, port: int, *_: Any) -> None:
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved((IPv6Address if ":" in address else IPv4Address)("TCP", address, port))
        receiver.resolutionComplete()

    def installNameResolver(self, resolver: Any) -> None:
        self.installed = resolver


def resolved(*addresses: str) -> list[str]:
    reactor, receiver = Reactor(*addresses), Receiver()
    resolver = Resolver(reactor)
    resolver.install_on_reactor()
    assert reactor.installed is resolver
    resolver.resolveHostName(receiver, "Name.example.org", 80)  # type: ignore[arg-type]
    assert receiver.complete
    return receiver.addresses


def test_a_name_stands_for_its_public_addresses_alone() -> None:
    assert resolved("127.0.0.1", "93.184.216.34", "::ffff:10.0.0.1") == ["93.184.216.34"]
    assert PRIVATE_NAMES.sentence("http://name.example.org/") is None


def test_a_name_for_private_addresses_alone_is_refused_with_a_sentence() -> None:
    assert resolved("127.0.0.1", "fd00::1") == []
    failure, message = classify(CannotResolveHostError("no results"), "http://NAME.example.org/1")
    assert (failure, "stands for fd00::1, an address of a private network" in message) == ("http", True)


def test_private_addresses_pass_when_they_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resolver, "private", True)
    assert resolved("127.0.0.1") == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (CannotResolveHostError("x"), "dns"),
        (DownloadTimeoutError("x"), "timeout"),
        (Forbidden("x"), "robots"),
        (Outside("x"), "http"),
        (IgnoreRequest("max redirections reached"), "http"),
        (DownloadConnectionRefusedError("x"), "http"),
    ],
)
def test_a_page_that_did_not_come_has_a_class_of_failure(error: Exception, failure: str) -> None:
    assert classify(error, "http://other.example.org/")[0] == failure


def test_a_crawl_says_how_its_site_is_treated() -> None:
    crawl = Crawl.model_validate(
        {
            "run": "run-1",
            "target": str(uuid4()),
            "namespace": "moscow",
            "name": "rival",
            "start_urls": ["https://Rival.example.org/1", "https://rival.example.org/2", "http://b.example.org"],
            "politeness": {"obey_robots": False, "delay_seconds": 2.5, "concurrency": 3},
            "extract": {"mode": "structured_data"},
        }
    )
    assert settings_of(crawl) == {
        "ROBOTSTXT_OBEY": False,
        "DOWNLOAD_DELAY": 2.5,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 3,
        PRIVATE: False,
        HOSTS: ["b.example.org", "rival.example.org"],
    }
