"""All kinds of the operator, for ``make gen``."""

from __future__ import annotations

from typing import Any

from mesto.operator.kinds.coworkingspace.spec import KIND as COWORKING_SPACE
from mesto.operator.schema import definition

KINDS = (COWORKING_SPACE,)


def custom_resource_definitions() -> list[dict[str, Any]]:
    """One CustomResourceDefinition per kind."""
    return [definition(kind) for kind in KINDS]
