"""What applying manifests would change, and which bookings that would strand: for `mesto diff`."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from mesto.cli import service_client, settings
from mesto.cli.failure import Failure, Missing
from mesto.cli.kube import Kube
from mesto.common.sentences import validator_message
from mesto.operator.objects import JsonObject, Resource

_SECONDS = 60
_OWN = "kubectl.kubernetes.io/last-applied-configuration"
_NOTHING: object = object()


class AffectedBooking(TypedDict):
    """A booking that a change would strand."""

    booking_id: str
    resource: str
    seats: int
    start: str
    end: str
    status: str


class Affected(TypedDict, total=False):
    """How many bookings would be stranded, and the first of them; or why nobody knows (``unknown``)."""

    affected: int
    bookings: list[AffectedBooking]
    unknown: str


class Comparison(TypedDict):
    """What applying one resource would do: ``action`` is create, change or same."""

    kind: str
    namespace: str
    name: str
    action: str
    changes: list[str]
    affected: NotRequired[Affected]


def changes(before: Resource | None, after: Resource) -> list[str]:
    """Return what is declared differently from now, field by field. ``before`` None: there is none."""
    return list(_walk("", _declared(before), _declared(after)))


def _declared(resource: Resource | None) -> JsonObject:
    """Return what people write: the rest is the API server's and the operator's."""
    if resource is None:
        return {"metadata": {"labels": {}, "annotations": {}}, "spec": {}}
    metadata = resource["metadata"]
    annotations = {name: value for name, value in (metadata.get("annotations") or {}).items() if name != _OWN}
    written = {"labels": metadata.get("labels") or {}, "annotations": annotations}
    return {"metadata": written, "spec": resource.get("spec", {})}


def _walk(path: str, before: object, after: object) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _walk(f"{path}.{name}".lstrip("."), before.get(name, _NOTHING), after.get(name, _NOTHING))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            old, new = ((side[place] if place < len(side) else _NOTHING) for side in (before, after))
            yield from _walk(f"{path}[{place}]", old, new)
    elif before is _NOTHING:
        yield f"{path}: + {_text(after)}"
    elif after is _NOTHING:
        yield f"{path}: - {_text(before)}"
    else:
        yield f"{path}: {_text(before)} → {_text(after)}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def dry_run(file: str, namespace: str) -> list[Resource]:
    """Return what kubectl apply would make of a file (- is standard input), by a dry run at the API server.

    Raises Failure.
    """
    state = settings.find_state(Path.cwd())
    own = state / "bin" / "kubectl" if state else None
    kubectl = shutil.which("kubectl") or (str(own) if own and own.exists() else None)
    if kubectl is None:
        raise Failure("kubectl is needed for this and was not found.")
    command = [kubectl, "apply", "--dry-run=server", "-o", "json", "-f", file]
    command += ["-n", namespace] if namespace else []
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 - no shell
    except subprocess.TimeoutExpired as error:
        raise Failure(f"kubectl had no answer within {_SECONDS} seconds.") from error
    if done.returncode != 0:
        raise Failure(f"It would not be taken:\n{done.stderr.decode(errors='replace').strip()}")
    found = json.loads(done.stdout)
    return list(found["items"] or []) if found["kind"] == "List" else [found]


def compare(cluster: Kube, after: Resource) -> Comparison:
    """Compare a resource: ``action`` (create, change, same), ``changes``, ``affected`` of a space (``bookings``)."""
    metadata = after["metadata"]
    before: Resource | None = None
    with contextlib.suppress(Missing):
        before = cluster.get((after["kind"], metadata["name"]), metadata["namespace"])
    changed = changes(before, after)
    action = "create" if before is None else "change" if changed else "same"
    found: Comparison = {
        "kind": after["kind"],
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "action": action,
        "changes": changed if before else [],
    }
    if action == "change" and before is not None and after["kind"] == "CoworkingSpace":
        found["affected"] = bookings(before["metadata"]["uid"], after["spec"])
    return found


def bookings(uid: str, spec: JsonObject) -> Affected:
    """Return catalog's answer: ``affected`` bookings, the first of them; or ``unknown``: why it has none."""
    # Late, for the models take a while to import.
    from mesto.operator.kinds.coworkingspace.spec import CoworkingSpaceSpec
    from pydantic import ValidationError

    try:
        spec_sent = CoworkingSpaceSpec.model_validate(spec).to_contract().model_dump(mode="json")
        path = f"/internal/spaces/{uid}/affected"
        return cast(Affected, service_client.call("catalog", "POST", path, {"spec": spec_sent}))
    except ValidationError as error:
        why = validator_message(error.errors()[0]["msg"]).rstrip(".")
        return {"unknown": f"The operator would refuse the spec: {why}."}
    except Failure as failure:
        return {"unknown": str(failure)}


def lines(found: Comparison) -> Iterator[str]:
    """Yield one resource's comparison for people."""
    change_words = {"create": "would be created", "change": "would change", "same": "stays as it is"}[found["action"]]
    yield f"{found['kind']} {found['namespace']}/{found['name']} {change_words}"
    yield from (f"  {change}" for change in found["changes"])
    affected = found.get("affected")
    if affected is None:
        return
    if "unknown" in affected:
        yield f"  Bookings that it would strand are not known: {affected['unknown']}"
    elif not affected["affected"]:
        yield "  It would strand no booking."
    else:
        yield f"  It would wait for its acceptance: bookings stranded, {affected['affected']}:"
        for booking in affected["bookings"]:
            when = f"{booking['start']} – {booking['end']}"
            what = f"{booking['booking_id']} {booking['resource']}, seats {booking['seats']}"
            yield f"    {what}, {when}, {booking['status']}"
        if affected["affected"] > len(affected["bookings"]):
            yield "    …"
