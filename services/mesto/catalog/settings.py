"""Settings of catalog: nothing but what every service has."""

from __future__ import annotations

from mesto.common.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_CATALOG_…``."""
