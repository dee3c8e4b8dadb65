"""Settings of geo: nothing but what every service has. Cities are in the file of MESTO_PLATFORM_CONFIG."""

from __future__ import annotations

from mesto.common.settings import ServiceSettings


class GeoSettings(ServiceSettings):
    """Read from ``MESTO_…`` and ``MESTO_GEO_…``."""
