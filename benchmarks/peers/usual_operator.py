"""The peer of the operator: kopf's usual handlers, which do nothing but say in the status what they have seen."""

from __future__ import annotations

from typing import Any

import kopf

KIND = ("mesto.dev", "v1alpha1", "coworkingspaces")


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.posting.enabled = False


@kopf.on.create(*KIND)
@kopf.on.update(*KIND)
async def note(meta: kopf.Meta, patch: kopf.Patch, **_: Any) -> None:
    patch.status["observedGeneration"] = meta["generation"]
