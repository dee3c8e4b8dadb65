"""Sentry: bugs reach it once, with nothing in them that could be about a person.

What may leave is listed, all else is dropped: the type of the error, the stack (our files and lines, no variables), and
which process, release and request it was. The sentence of an error stays in the log, under the request id: sentences
quote what people typed, and databases quote whole rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

from mesto.common.settings import CommonSettings

if TYPE_CHECKING:
    from sentry_sdk.types import Event

_KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "tags", "sdk")
_FRAME = ("filename", "abs_path", "function", "module", "lineno", "context_line", "in_app")
_SENTENCE = "The sentence is in the log, under the request id."


def _exception(given: dict[str, Any]) -> dict[str, Any]:
    kept = {name: given[name] for name in ("type", "module") if given.get(name) is not None}
    kept["value"] = _SENTENCE
    frames = (given.get("stacktrace") or {}).get("frames") or []
    kept["stacktrace"] = {"frames": [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]}
    return kept


def scrub(event: Mapping[str, Any], service: str, request_id: str) -> dict[str, Any]:
    """Return the event that may leave the process."""
    kept = {name: event[name] for name in _KEPT if name in event}
    kept["tags"] = {**(kept.get("tags") or {}), "service": service, "request_id": request_id or "none"}
    kept["exception"] = {
        "values": [_exception(exception) for exception in (event.get("exception") or {}).get("values") or []]
    }
    return kept


def _release() -> str:
    try:
        return f"mesto@{metadata.version('mesto')}"
    except metadata.PackageNotFoundError:
        return "mesto"


def configure(settings: CommonSettings, service: str, request_id: Callable[[], str]) -> None:
    """Start reporting when a DSN is set. No integration watches frameworks or logs: we say ourselves what a bug is."""
    if settings.sentry_dsn is None:
        return
    # Late, for a process without a DSN needs none of it.
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration

    def before_send(event: Event, _hint: object) -> Event:
        return cast("Event", scrub(event, service, request_id()))

    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        environment=settings.environment,
        release=settings.release or _release(),
        server_name=service,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[AtexitIntegration(), DedupeIntegration(), ExcepthookIntegration()],
        before_send=before_send,
        # With a level it is gzip. Else it is Brotli as soon as any library brings that along; older servers read none.
        _experiments={"transport_compression_level": 9},
    )


def report(error: BaseException, **tags: str) -> None:
    """Tell Sentry of a bug. Tags are words of ours (a type of event, a task's name), never what people wrote."""
    if "sentry_sdk" not in sys.modules:  # nothing is reported in this process
        return
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        for name, value in tags.items():
            scope.set_tag(name, value)
        scope.capture_exception(error)
