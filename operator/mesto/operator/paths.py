"""Where a fault stands in a manifest: services name fields in their own words, people look for theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog
from mesto.common.sentences import validator_message
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

log = structlog.get_logger(__name__)
_MOST = 5


def manifest_path(parts: Iterable[str | int], renamed: Mapping[str, str] | None = None) -> str:
    """Return ``spec.openingHours[1].close`` for ``opening_hours, 1, close``.

    ``renamed`` maps a field of a service to the path in the manifest where that is another one.
    """
    path = "spec"
    for part in parts:
        name = str(part)
        path += f"[{name}]" if name.isdigit() else f".{(renamed or {}).get(name) or to_camel(name)}"
    return path


def model_faults(error: ValidationError, renamed: Mapping[str, str] | None = None) -> str:
    """Return what is wrong with a spec by our models, the first five things, each with its place in the manifest."""
    faults = error.errors(include_url=False, include_input=False)[:_MOST]
    return "; ".join(f"{manifest_path(fault['loc'], renamed)}: {validator_message(fault['msg'])}" for fault in faults)


def unforeseen(error: Exception) -> str:
    """Return what to say of a spec that makes our own check fail, which is this resource's matter alone.

    The log has all of it, for whoever mends the check.
    """
    log.error("spec_not_checked", exc_info=error)
    return f"spec: it cannot be checked ({type(error).__name__}); the operator's log says more."


def service_faults(faults: Iterable[Mapping[str, object]], renamed: Mapping[str, str] | None = None) -> str:
    """Return what a service has said of the fields of a spec, each with its place in the manifest."""
    places = ((str(fault.get("field", "")).removeprefix("spec.").split("."), fault) for fault in list(faults)[:_MOST])
    return "; ".join(f"{manifest_path(place, renamed)}: {fault.get('message')}" for place, fault in places)
