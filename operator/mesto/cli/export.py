"""Rows of catalog as CoworkingSpace manifests: pure, for `mesto export`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mesto.cli import manifests, service_client
from mesto.common.sentences import validator_message
from mesto.contracts.spaces import SpaceSpec, StoredSpace
from pydantic import ValidationError
from pydantic.alias_generators import to_camel, to_pascal

_PAGE = 200


def stored(filters: Mapping[str, str]) -> Iterator[StoredSpace]:
    """Yield spaces of catalog that have these values of namespace, name and city, page by page. Raises Failure."""
    params: dict[str, object] = {name: value for name, value in filters.items() if value} | {"limit": _PAGE}
    while True:
        page = service_client.call("catalog", "GET", "/internal/spaces/stored", params=params)
        for item in page["items"]:
            yield StoredSpace.parse_answer(item)
        if page["next_cursor"] is None:
            return
        params["cursor"] = page["next_cursor"]


def manifests_of(spaces: Iterable[StoredSpace], adopt: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """Return manifests of the good rows by namespace and name, and a sentence for each bad one."""
    good: list[dict[str, Any]] = []
    bad: list[str] = []
    for space in sorted(spaces, key=lambda space: (space.namespace, space.name, not space.managed)):
        try:
            good.append(manifest(space, adopt=adopt))
        except ValueError as error:
            bad.append(f"{space.namespace}/{space.name} (space {space.space_id}): {error}.")
    return good, bad


def manifest(space: StoredSpace, *, adopt: bool) -> dict[str, Any]:
    """Return the manifest that makes just this row.

    Raises ValueError with a sentence for a row that no resource can declare.

    ``adopt``: annotated so that it takes the row over when no resource manages it.
    """
    try:
        spec = to_manifest_spec(SpaceSpec.model_validate(space.spec))
    except ValidationError as error:
        lines = (
            f"{'.'.join(str(part) for part in fault['loc'])}: {validator_message(fault['msg'])}"
            for fault in error.errors()[:5]
        )
        raise ValueError("; ".join(lines)) from error
    if space.slug != space.name:
        spec = {"slug": space.slug} | spec
    manifests.check(spec, manifests.spec_model())
    metadata: dict[str, Any] = {"name": space.name, "namespace": space.namespace}
    if adopt and not space.managed:
        metadata["annotations"] = {"mesto.dev/adopt": str(space.space_id)}
    return {"apiVersion": manifests.API_VERSION, "kind": manifests.KIND, "metadata": metadata, "spec": spec}


def to_manifest_spec(spec: SpaceSpec) -> dict[str, Any]:
    """Return a spec of catalog in the resource's words; what is as if left out is left out."""
    found = spec.model_dump(mode="json", exclude_defaults=True)
    if email := found.pop("owner_email", None):
        found["owner"] = {"email": email}
    for hours in found.get("opening_hours", []):
        hours["days"] = [day.capitalize() for day in hours["days"]]
    for resource in found.get("resources", []):
        resource["kind"] = to_pascal(resource["kind"])
        for price in resource.get("prices", []):
            price["per"] = price["per"].capitalize()
    booking = found.get("booking", {})
    if approval := booking.get("approval"):
        booking["approval"] = approval.capitalize()
    for tier in booking.get("cancellation", []):
        tier["before"] = duration(tier.pop("before_minutes"))
    renamed: dict[str, Any] = _camel(found)
    return renamed


def duration(minutes: int) -> str:
    """Return a duration as the resource has it: ``24h``, ``1h30m``, ``30m``."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest}m" if hours and rest else f"{hours}h" if hours else f"{rest}m"


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_camel(name): _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value
