"""Custom resources of tests, and what the platform says about them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import yaml
from support.waiting import eventually

if TYPE_CHECKING:
    from support.servers.platform import Platform

Manifest = dict[str, Any]

SPACE: dict[str, Any] = {
    "apiVersion": "mesto.dev/v1alpha1",
    "kind": "CoworkingSpace",
    "metadata": {"name": "loft"},
    "spec": {
        "title": {"ru": "Лофт на Чистых прудах", "en": "Chistye Prudy Loft"},
        "description": {"ru": "Тихая комната под крышей.", "en": "A quiet room under the roof."},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "timeZone": "Europe/Moscow",
        "openingHours": [
            {"days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "open": "08:00", "close": "22:00"}
        ],
        "amenities": ["wifi", "coffee"],
        "resources": [
            {
                "name": "open-space",
                "kind": "HotDesk",
                "title": {"ru": "Открытая зона", "en": "Open space"},
                "seats": 3,
                "prices": [{"per": "Hour", "amount": "250.00", "currency": "RUB"}],
                "slotMinutes": 60,
                "minDurationMinutes": 60,
                "maxDurationMinutes": 720,
                "maxAdvanceDays": 90,
            }
        ],
        "booking": {"approval": "Instant", "holdMinutes": 15},
        "published": True,
    },
}


def space(name: str, **changes: Any) -> dict[str, Any]:
    """A CoworkingSpace named ``name`` with top-level fields of its spec replaced."""
    manifest = copy.deepcopy(SPACE)
    manifest["metadata"]["name"] = name
    manifest["spec"] |= changes
    return manifest


def dump(*manifests: dict[str, Any]) -> str:
    """Manifests as one YAML stream."""
    return yaml.safe_dump_all(manifests, allow_unicode=True, sort_keys=False)


def declare(platform: Platform, namespace: str, *manifests: Manifest) -> None:
    """Apply spaces as a platform team does; return when all are Ready."""
    platform.kubectl("apply", "-n", namespace, "-f", "-", stdin=dump(*manifests))
    names = {manifest["metadata"]["name"] for manifest in manifests}

    def all_ready() -> bool:
        found = [item for item in platform.resources("cws", namespace) if item["metadata"]["name"] in names]
        return len(found) == len(names) and all(is_ready(item) for item in found)

    eventually(all_ready, f"{', '.join(sorted(names))}: Ready")


def conditions(resource: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The conditions of a resource by type, empty before the first status."""
    return {condition["type"]: condition for condition in resource.get("status", {}).get("conditions", [])}


def is_ready(resource: dict[str, Any]) -> bool:
    """Whether Ready is True for the resource's own generation."""
    ready = conditions(resource).get("Ready", {})
    return ready.get("status") == "True" and ready.get("observedGeneration") == resource["metadata"]["generation"]
