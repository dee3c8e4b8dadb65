"""Manifests edited field by field, and what the API server says of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import httpx
from mestolocal.cluster import Cluster
from support.clients.cluster_api import client, collection

Edit = Callable[[dict[str, Any]], None]


def manifest(kind: str, **spec: Any) -> dict[str, Any]:
    """A custom resource of that kind, named ``one``."""
    return {"apiVersion": "mesto.dev/v1alpha1", "kind": kind, "metadata": {"name": "one"}, "spec": spec}


TARGET = manifest(
    "ScrapeTarget",
    startUrls=["https://rival.example.org/moscow"],
    schedule="0 3 * * *",
    timeZone="Europe/Moscow",
    politeness={"obeyRobots": True, "delaySeconds": 0.5, "concurrency": 1, "maxPages": 500},
    defaults={"city": "moscow", "currency": "RUB", "language": "ru"},
    extract={
        "mode": "Selectors",
        "items": {"css": "article.space"},
        "next": {"css": "a.next::attr(href)"},
        "fields": {"name": {"css": "h2::text"}, "amenities": {"xpath": ".//li/text()", "many": True}},
    },
    expect={"minItems": 10, "coverage": {"price": 80}},
)
CONFIG = manifest(
    "PlatformConfig",
    auth={
        "accessTokenMinutes": 10,
        "refreshTokenDays": 30,
        "requireVerifiedEmail": False,
        "verificationHours": 24,
        "registrationsPerHour": 30,
        "verificationMailsPerHour": 30,
        "signIn": {"perAccount": 10, "perNetwork": 100, "minutes": 15},
        "securityLogDays": 365,
        "recoveryMinutes": 60,
        "emailUndoHours": 168,
        "disposableEmail": "Refuse",
        "refusedEmailDomains": ["rivals.example"],
    },
    catalog={"reviews": {"moderation": "PreModerate", "editHours": 48}},
    booking={
        "holdMinutes": 15,
        "maxDurationMinutes": 10080,
        "holdBudget": {
            "coolDownMinutes": 15,
            "verified": {"openHolds": 20, "seatHoursPerSpace": 2000},
            "unverified": {"openHolds": 3, "seatHoursPerSpace": 48},
        },
        "payments": {"providers": ["Sandbox"]},
    },
    geo={
        "map": {"provider": "MapLibre"},
        "transitRadiusMetres": 1500,
        "defaultCurrency": "RUB",
        "cities": [
            {
                "slug": "moscow",
                "name": {"ru": "Москва"},
                "timeZone": "Europe/Moscow",
                "currency": "RUB",
                "center": {"latitude": 55.7558, "longitude": 37.6173},
                "zoom": 10,
            }
        ],
    },
    notifications={"email": {"provider": "Smtp", "from": "noreply@mesto.example.org"}, "reminderMinutes": [1440, 60]},
    scraping={"maxConcurrentRuns": 4, "userAgent": "MestoBot (+https://mesto.example.org/bot)"},
)
DATASET = manifest(
    "GeoDataset",
    city="moscow",
    type="Districts",
    format="GeoJSON",
    source={"url": "https://data.example.org/moscow.geojson"},
    mapping={"name": "name", "nameLatin": "name_lat"},
    level="district",
    refresh={"schedule": "0 4 * * 0", "timeZone": "Europe/Moscow"},
)


def set_field(path: str, value: Any) -> Edit:
    """Sets a field by its path below spec, ``None`` removes it."""

    def edit(manifest: dict[str, Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = manifest["spec"]
        for part in parents:
            place = place[part]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return edit


def repeat_first(path: str) -> Edit:
    """Lists the first item of a list once more."""

    def edit(manifest: dict[str, Any]) -> None:
        place: Any = manifest["spec"]
        for part in path.split("."):
            place = place[int(part) if part.isdigit() else part]
        place.append(copy.deepcopy(place[0]))

    return edit


def _offered(cluster: Cluster, manifest: dict[str, Any]) -> httpx.Response:
    return client(cluster).post(
        collection(manifest, "default"), params={"dryRun": "All", "fieldValidation": "Strict"}, json=manifest
    )


def accepted(cluster: Cluster, manifest: dict[str, Any]) -> dict[str, Any]:
    """The resource as the server would keep it."""
    answer = _offered(cluster, manifest)
    assert answer.status_code == 201, answer.json().get("message")
    kept: dict[str, Any] = answer.json()
    return kept


def refusal(cluster: Cluster, manifest: dict[str, Any]) -> str:
    """What the server says that it refuses the manifest for."""
    answer = _offered(cluster, manifest)
    assert answer.status_code in (400, 422), f"{answer.status_code}: it is taken"
    return str(answer.json()["message"])
