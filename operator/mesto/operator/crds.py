"""All kinds of the operator, for ``make gen``."""

from __future__ import annotations

from mesto.operator.kinds.coworkingspace.spec import KIND as COWORKING_SPACE
from mesto.operator.kinds.geodataset.spec import KIND as GEO_DATASET
from mesto.operator.kinds.platformconfig.spec import KIND as PLATFORM_CONFIG
from mesto.operator.kinds.scrapetarget.spec import KIND as SCRAPE_TARGET
from mesto.operator.schema import Schema, definition

KINDS = (COWORKING_SPACE, SCRAPE_TARGET, PLATFORM_CONFIG, GEO_DATASET)


def custom_resource_definitions() -> list[Schema]:
    """Return one CustomResourceDefinition per kind."""
    return [definition(kind) for kind in KINDS]
