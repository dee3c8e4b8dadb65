"""Scrapy's settings. What a crawl asks for (delay, concurrency, robots) is set by the spider when it is made."""

from __future__ import annotations

from importlib.metadata import version

from mesto.spiders.environment import SpiderSettings

_own = SpiderSettings()
BOT_NAME = "mesto"
SPIDER_MODULES = ["mesto.spiders.target_spider"]
USER_AGENT = f"mesto/{version('mesto')} (+{_own.public_url})"
ROBOTSTXT_USER_AGENT = "mesto"

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = "mesto.spiders.request_guard.Resolver"
DOWNLOADER_MIDDLEWARES = {
    "mesto.spiders.request_guard.RequestGuard": 40,
    "mesto.spiders.request_guard.Robots": 100,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "mesto.spiders.request_guard.Refreshes": 580,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "mesto.spiders.request_guard.Redirects": 600,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
}
# In place of Scrapy's own list, for what is only switched off is imported all the same: a web server, telnet, exports.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "mesto.spiders.memory.OwnMemory": 0,
}
HTTPPROXY_ENABLED = False
HTTPERROR_ALLOW_ALL = True  # the spider judges answers itself
COOKIES_ENABLED = False
DOWNLOAD_HANDLERS = {"data": None, "file": None, "s3": None, "ftp": None}

DOWNLOAD_TIMEOUT = _own.page
DOWNLOAD_MAXSIZE = _own.page_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_DELAY_JITTER = 0
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 425, 500, 502, 503, 504, 522, 524]  # 429 is a refusal that repeating makes worse
CLOSESPIDER_TIMEOUT = _own.run
MEMUSAGE_LIMIT_MB = _own.memory_mb
MEMUSAGE_CHECK_INTERVAL_SECONDS = 5
REACTOR_THREADPOOL_MAXSIZE = 4

LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
