"""Logs with request ids, and Sentry: set up once per process."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

import sentry_sdk
import structlog
from mesto.common.settings import CommonSettings

request_id: ContextVar[str] = ContextVar("request_id", default="")
HEADER = "x-request-id"


def _add_request_id(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def configure(settings: CommonSettings, service: str) -> None:
    """Structured logs on standard output and, when a DSN is set, Sentry without personal data."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks only: local variables would carry passwords and tokens into the logs.
    console = settings.log_format == "console"
    pretty = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = pretty if console else structlog.processors.JSONRenderer()
    level = logging.getLevelName(settings.log_level)
    structlog.configure(
        processors=[*shared, *([] if console else [structlog.processors.format_exc_info]), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared if console else [*shared, structlog.processors.format_exc_info], processor=renderer
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "aio_pika", "aiormq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if settings.sentry_dsn is not None:
        sentry_sdk.init(
            dsn=settings.sentry_dsn.get_secret_value(),
            environment=settings.environment,
            server_name=service,
            send_default_pii=False,
        )
