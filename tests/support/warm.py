"""Libraries of our processes, imported once in the process that `support.forked` forks them from.

Modules of our own stay out: each process imports the ones that it needs, and has their metrics only.
"""

import contextlib
import gc
import importlib

_LIBRARIES = (
    *("aio_pika", "aiormq", "anyio", "asyncpg", "babel", "cryptography.x509", "email_validator", "fastapi"),
    *("celery.__main__", "celery.app.base", "celery.apps.beat", "celery.apps.worker", "celery.bin.celery"),
    *("celery.bin.beat", "celery.bin.worker", "celery.concurrency.thread", "celery.worker.consumer"),
    *("celery.worker.components", "celery.worker.strategy", "celery.beat", "celery.events.state", "celery.result"),
    *("fastapi.openapi.utils", "fastapi.responses", "fastapi.security", "faststream.rabbit"),
    *("faststream.rabbit.prometheus", "filelock", "geoalchemy2", "gzip", "h11", "httptools", "httpx", "jwt"),
    *("kombu.transport.pyamqp", "kopf", "kubernetes.client", "orjson", "phonenumbers", "prometheus_client"),
    *("psycopg", "pydantic", "pydantic_settings", "runpy", "sentry_sdk", "sentry_sdk.integrations.excepthook"),
    *("shapely", "socketio", "sqlalchemy", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.ext.asyncio"),
    *("starlette.applications", "structlog", "uvicorn.lifespan.on", "uvicorn.loops.auto"),
    *("uvicorn.protocols.http.httptools_impl", "uvloop", "watchfiles", "websockets", "yaml", "argon2", "rich"),
    # Of spiders; none may be among them that installs a reactor, for a crawl installs its own.
    *(
        "anyio._core._sockets",
        "iso4217",
        "itemadapter",
        "jmespath",
        "lxml.html",
        "protego",
        "queuelib",
        "scrapy.cmdline",
    ),
    *("scrapy.core.downloader.contextfactory", "scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares"),
    *("scrapy.downloadermiddlewares.redirect", "scrapy.downloadermiddlewares.robotstxt", "scrapy.extensions.memusage"),
    *("scrapy.shell", "scrapy.utils.test", "tenacity", "tldextract", "twisted.internet.asyncioreactor"),
)

for _name in _LIBRARIES:
    with contextlib.suppress(ImportError):  # one less to save time with
        importlib.import_module(_name)
gc.collect()
gc.freeze()
