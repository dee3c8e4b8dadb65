"""Where a spider may go: the hosts of its start addresses by http and https, and never a private network by accident.

The resolver sees the address that is connected to, whoever asked for it: a start address, the next page, a redirect,
robots.txt. A name that stands for public and private addresses is connected to at the public ones alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from mesto.common.http.addresses import BadAddress, is_private, parse_address, refusal, shown
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from w3lib.url import canonicalize_url
from zope.interface import implementer, provider

PRIVATE = "MESTO_PRIVATE"
"""The setting that allows private addresses."""
HOSTS = "MESTO_HOSTS"
"""The setting that lists the hosts of a crawl."""


class Outside(IgnoreRequest):
    """An address where this crawl must not go; the message is for people."""


class Forbidden(IgnoreRequest):
    """The site's robots.txt asks us to stay away."""


class PrivateNames:
    """Names that stand for private addresses only, so that a refused look-up is told from a failed one."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def record(self, name: str, address: str) -> None:
        """Keep what a name stands for; the hosts of a crawl are few."""
        if len(self._known) < 1000:
            self._known[name] = address

    def sentence(self, url: str) -> str | None:
        """Return why this address was not read, if that was why."""
        host = urlsplit(url).hostname or ""
        address = self._known.get(host)
        if address is None:
            return None
        return refusal(f"{host} stands for {address}, an address of a private network")


PRIVATE_NAMES = PrivateNames()


@provider(IResolutionReceiver)
class _Filter:
    """Passes on the public ones of the addresses that a name stands for."""

    def __init__(self, receiver: Any, name: str) -> None:
        self.receiver, self.name, self.refused, self.passed = receiver, name, "", False

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        host = str(getattr(address, "host", ""))
        if is_private(host):
            self.refused = host
            return
        self.passed = True
        self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self.refused and not self.passed:
            PRIVATE_NAMES.record(self.name, self.refused)
        self.receiver.resolutionComplete()


@implementer(IHostnameResolver)
class Resolver:
    """The reactor's own resolver behind a filter, unless the crawl allows private addresses.

    Scrapy makes it before there is a spider, so what the one crawl of this process allows is an attribute of the class.
    """

    private = False

    def __init__(self, reactor: Any) -> None:
        self._reactor, self._inner = reactor, reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Install it; Scrapy calls this before it reads anything."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        receiver: Any = resolutionReceiver if self.private else _Filter(resolutionReceiver, hostName.lower())
        return self._inner.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


def hosts_of(urls: Sequence[str]) -> list[str]:
    """Return the hosts of addresses, as ``RequestGuard`` compares them; those that nothing is read from have none."""
    found = set()
    for url in urls:
        with contextlib.suppress(BadAddress):
            found.add(parse_address(url).host)
    return sorted(found)


class RequestGuard:
    """Refuses requests to other hosts, schemes and literal private addresses; redirects are requests, too.

    Scrapy has encoded the host by then, with tables that know more letters and dots than ours do (IDNA 2003): what it
    made an IP address of is seen as one here, and the resolver sees it again.
    """

    def __init__(self, hosts: Sequence[str], private: bool) -> None:
        self.hosts, self.private = frozenset(hosts), private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getlist(HOSTS), crawler.settings.getbool(PRIVATE))

    def process_request(self, request: Request) -> None:
        """Raises Outside."""
        if why := self.refusal(request.url):
            raise Outside(why)

    def refusal(self, url: str) -> str | None:
        """Return why an address must not be read; None: it may."""
        try:
            place = parse_address(url)
        except BadAddress as error:
            return f"{shown(url)} is not read: {error}"
        if not self.private and place.private:
            return refusal(f"{place.host} is an address of a private network")
        if place.host not in self.hosts:
            name = shown(url)
            return f"{name} is on another host than the start addresses: name that host among them if it is to be read"
        return None


def _circular(redirected: Request) -> bool:
    """Return whether a redirect leads back to an address that led to it.

    Scrapy would drop it in silence: it was asked for.
    """
    goal = canonicalize_url(redirected.url)
    return any(canonicalize_url(url) == goal for url in redirected.meta.get("redirect_urls", ()))


class Redirects(RedirectMiddleware):
    """Scrapy's own, with an error for redirects in a circle."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        """Return the request that follows a redirect. Raises IgnoreRequest."""
        followed = super()._redirect(redirected, request, reason)
        if _circular(followed):
            raise IgnoreRequest("its redirects lead in a circle")
        return followed


class Refreshes(MetaRefreshMiddleware):
    """Scrapy's own; a page that refreshes itself is read as it is."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Return the page, or the request for the one that it sends us to."""
        found = super().process_response(request, response)
        return response if isinstance(found, Request) and _circular(found) else found


class Robots(RobotsTxtMiddleware):
    """Scrapy's own, with an error that is told from others."""

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        """Raises Forbidden."""
        try:
            await super().process_request(request)
        except IgnoreRequest as error:
            raise Forbidden(f"robots.txt does not let us read {shown(request.url)}") from error
