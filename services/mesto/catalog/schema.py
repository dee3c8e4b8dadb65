"""All tables of catalog, for its migrations."""

from __future__ import annotations

from mesto.catalog.cities import tables as cities
from mesto.catalog.competitors import tables as competitors
from mesto.catalog.existence import tables as existence
from mesto.catalog.ownership import tables as ownership
from mesto.catalog.spaces import tables as spaces
from mesto.catalog.tables import METADATA

__all__ = ["METADATA", "cities", "competitors", "existence", "ownership", "spaces"]
