"""All tables of geo, for its migrations."""

from __future__ import annotations

from mesto.geo.cities import tables as cities
from mesto.geo.datasets import tables as datasets
from mesto.geo.locations import tables as locations
from mesto.geo.tables import METADATA

__all__ = ["METADATA", "cities", "datasets", "locations"]
