"""Logs with request ids, and Sentry: set up once per process."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial

import orjson
import structlog
from mesto.common.observability import sentry
from mesto.common.observability.request_context import request_id
from mesto.common.observability.sentry import report as report
from mesto.common.settings import CommonSettings
from structlog.typing import Processor


def _add_request_id(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def _add_service(
    service: str, _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    event.setdefault("service", service)  # in every thread, where context variables do not reach
    return event


def json_line(event: object, default: Callable[[object], object] | None = None) -> str:
    """Return an event as JSON; ``default`` as json.dumps takes it."""
    try:
        return orjson.dumps(event, default).decode()
    except orjson.JSONEncodeError:
        # Half of a surrogate pair, an integer of more than 64 bits: rare, and not to be lost.
        return json.dumps(event, default=default)


def configure(settings: CommonSettings, service: str) -> None:
    """Configure structured logs on standard output and, with a DSN, Sentry without personal data."""
    shared: list[Processor] = [
        partial(_add_service, service),
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks only: local variables would carry passwords and tokens into the logs.
    console = settings.log_format == "console"
    pretty = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Processor = pretty if console else structlog.processors.JSONRenderer(json_line)
    level = logging.getLevelName(settings.log_level)
    structlog.configure(
        processors=[*shared, *([] if console else [structlog.processors.format_exc_info]), renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared if console else [*shared, structlog.processors.format_exc_info], processor=renderer
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "aio_pika", "aiormq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    sentry.configure(settings, service, request_id.get)
