"""Resources as a tree of services and conditions: pure, for `mesto status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

KINDS: Mapping[str, str] = {
    "CoworkingSpace": "coworkingspaces",
    "GeoDataset": "geodatasets",
    "PlatformConfig": "platformconfigs",
    "ScrapeTarget": "scrapetargets",
}
SHORT: Mapping[str, str] = {
    "cws": "CoworkingSpace",
    "gds": "GeoDataset",
    "mpc": "PlatformConfig",
    "sct": "ScrapeTarget",
}
Resource = dict[str, Any]


def kind_of(word: str) -> str | None:
    """The kind that a word means, as kubectl takes it: kind, plural or short name in any case; None for no kind."""
    low = word.lower()
    return SHORT.get(low) or next((kind for kind, plural in KINDS.items() if low in (kind.lower(), plural)), None)


def conditions(resource: Resource) -> dict[str, dict[str, Any]]:
    """Its conditions by their type, in the operator's order; empty before the first status."""
    return {one["type"]: one for one in (resource.get("status") or {}).get("conditions") or []}


def ready(resource: Resource) -> bool:
    """Whether the newest generation is applied: a condition about an older one says nothing of it."""
    one = conditions(resource).get("Ready", {})
    return one.get("status") == "True" and one.get("observedGeneration") == resource["metadata"].get("generation")


def lines(resource: Resource) -> Iterator[str]:
    """The resource, its services, its conditions: a line each, reasons and messages behind."""
    metadata = resource["metadata"]
    word = "Ready" if ready(resource) else "not Ready"
    yield f"{resource['kind']} {metadata['namespace']}/{metadata['name']}: {word}"
    branches = [*_services(resource), *(_line(resource, one) for one in conditions(resource).values())]
    *others, last = branches or ["no status yet: the operator has not looked at it"]
    yield from (f"├─ {branch}" for branch in others)
    yield f"└─ {last}"


def _services(resource: Resource) -> Iterator[str]:
    for one in (resource.get("status") or {}).get("services") or []:
        message = f": {one['message']}" if one.get("message") else ""
        yield f"{one['name']} has generation {one.get('appliedGeneration', 'none')}{message}"


def _line(resource: Resource, one: dict[str, Any]) -> str:
    newest = resource["metadata"].get("generation")
    old = "" if one.get("observedGeneration") == newest else f" (of an older generation than {newest})"
    message = f": {one['message']}" if one.get("message") else ""
    return f"{one['type']} {one['status']} {one.get('reason', '')}{old}{message}"
