"""The health of our resources as Argo CD shows it: the Lua is run by the version of Lua that Argo CD has."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from lupa.lua51 import LuaRuntime
from mesto.operator.crds import KINDS
from mestolocal.paths import REPO

CONFIG = yaml.safe_load((REPO / "deploy/argocd/argocd-cm.yaml").read_text("utf-8"))["data"]


def health(resource: dict[str, Any], kind: str = "CoworkingSpace") -> tuple[str, str]:
    runtime = LuaRuntime(unpack_returned_tuples=True)
    runtime.globals().obj = runtime.table_from(resource, recursive=True)
    found = runtime.execute(CONFIG[f"resource.customizations.health.mesto.dev_{kind}"])
    return found["status"], found["message"]


def resource(status: str, reason: str, message: str = "", *, told: int = 2) -> dict[str, Any]:
    ready = {"type": "Ready", "status": status, "reason": reason, "message": message, "observedGeneration": told}
    synced = {"type": "Synced", "status": "False", "reason": "Conflict", "message": "", "observedGeneration": 2}
    return {"metadata": {"generation": 2}, "status": {"conditions": [synced, ready]}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (resource("True", "Ready", "Applied."), ("Healthy", "Ready: Applied.")),
        (resource("False", "Conflict", "The slug is taken."), ("Degraded", "Conflict: The slug is taken.")),
        (resource("False", "InvalidData"), ("Degraded", "InvalidData")),
        (
            resource("False", "AwaitingGeo", "Awaiting geo's answer."),
            ("Progressing", "AwaitingGeo: Awaiting geo's answer."),
        ),
        (resource("False", "CatalogUnavailable"), ("Progressing", "CatalogUnavailable")),
        (resource("False", "BookingUnavailable"), ("Progressing", "BookingUnavailable")),
        (resource("False", "ScrapydUnavailable"), ("Progressing", "ScrapydUnavailable")),
        (
            resource("False", "WouldAffectBookings", "It would strand 2 confirmed bookings."),
            ("Degraded", "WouldAffectBookings: It would strand 2 confirmed bookings."),
        ),
        (resource("False", "DeletionWaits", "geo is away"), ("Progressing", "DeletionWaits: geo is away")),
        (resource("True", "Paused", "Left alone.", told=1), ("Suspended", "Paused: Left alone.")),
    ],
)
def test_ready_becomes_health(resource: dict[str, Any], expected: tuple[str, str]) -> None:
    assert health(resource) == expected


@pytest.mark.parametrize(
    "resource",
    [
        {"metadata": {"generation": 1}},
        {"metadata": {"generation": 1}, "status": {}},
        {"metadata": {"generation": 1}, "status": {"conditions": []}},
        resource("True", "Ready", "Applied.", told=1),
        resource("False", "Conflict", told=1),
    ],
)
def test_what_the_operator_has_not_looked_at_is_progressing(resource: dict[str, Any]) -> None:
    assert health(resource) == ("Progressing", "The operator has not looked at this generation yet")


def test_every_kind_has_its_health() -> None:
    assert {name.rpartition("_")[2] for name in CONFIG} == {kind.kind for kind in KINDS}
    for kind in KINDS:
        assert health(resource("True", "Ready"), kind.kind)[0] == "Healthy"
