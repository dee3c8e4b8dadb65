"""What geo consists of, wired once for its API, its worker and its audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesto.common.consistency.checks import Check
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import GeoPolicy
from mesto.geo import consistency
from mesto.geo.cities.service import Cities
from mesto.geo.datasets.service import Datasets
from mesto.geo.layers.service import Layers
from mesto.geo.locations.service import Locations
from mesto.geo.nearby.service import Nearby
from mesto.geo.settings import GeoSettings
from mesto.geo.tables import CONFIGURATION


@dataclass(frozen=True)
class Geo:
    """The features of geo on one database, by the platform's policy."""

    database: Database
    configuration: Configuration[GeoPolicy]
    cities: Cities
    locations: Locations
    datasets: Datasets
    layers: Layers
    nearby: Nearby

    def checks(self, sources: Sources) -> Sequence[Check]:
        """Return what the audit looks at, in its order."""
        return consistency.checks(self.database, self.locations, self.cities, sources)


def build(settings: GeoSettings, name: str = "geo", pool_size: int | None = None) -> Geo:
    """Wire the features together; nothing is connected yet. ``name`` is the database pool's in the metrics."""
    database = Database(settings.database_url.get_secret_value(), name, pool_size or settings.pool_size)
    configuration = Configuration(database, CONFIGURATION, "geo", GeoPolicy, settings.platform_config)
    cities = Cities(database)
    locations = Locations(database, configuration, cities)
    datasets = Datasets(database, configuration, cities, locations)
    return Geo(database, configuration, cities, locations, datasets, Layers(database, cities), Nearby(database))
