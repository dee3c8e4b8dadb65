"""Resources as a tree of services and conditions: pure, for `mesto status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesto.operator.objects import ConditionFields, Resource, Status, conditions_of

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


def kind_of(word: str) -> str | None:
    """Return the kind that a word means, as kubectl takes it: kind, plural or short name in any case.

    None for no kind.
    """
    low = word.lower()
    return SHORT.get(low) or next((kind for kind, plural in KINDS.items() if low in (kind.lower(), plural)), None)


def conditions(resource: Resource) -> dict[str, ConditionFields]:
    """Return its conditions by their type, in the operator's order; empty before the first status."""
    return {item["type"]: item for item in conditions_of(resource)}


def ready(resource: Resource) -> bool:
    """Return whether the newest generation is applied: a condition about an older one says nothing of it."""
    item = conditions(resource).get("Ready")
    return (
        item is not None
        and item["status"] == "True"
        and item.get("observedGeneration") == resource["metadata"].get("generation")
    )


def lines(resource: Resource) -> Iterator[str]:
    """Yield the resource, its services, its conditions: a line each, reasons and messages behind."""
    metadata = resource["metadata"]
    word = "Ready" if ready(resource) else "not Ready"
    yield f"{resource['kind']} {metadata['namespace']}/{metadata['name']}: {word}"
    branches = [*_services(resource), *(_line(resource, item) for item in conditions(resource).values())]
    *others, last = branches or ["no status yet: the operator has not looked at it"]
    yield from (f"├─ {branch}" for branch in others)
    yield f"└─ {last}"


def _services(resource: Resource) -> Iterator[str]:
    for item in (resource.get("status") or Status()).get("services") or []:
        message = f": {item['message']}" if item.get("message") else ""
        yield f"{item['name']} has generation {item.get('appliedGeneration', 'none')}{message}"


def _line(resource: Resource, item: ConditionFields) -> str:
    newest = resource["metadata"].get("generation")
    old = "" if item.get("observedGeneration") == newest else f" (of an older generation than {newest})"
    message = f": {item['message']}" if item.get("message") else ""
    return f"{item['type']} {item['status']} {item.get('reason', '')}{old}{message}"
