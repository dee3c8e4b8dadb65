"""What catalog consists of, wired once for its API, its worker and its audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mesto.catalog import consistency
from mesto.catalog.answers.service import Answers
from mesto.catalog.cities.service import Cities
from mesto.catalog.competitors.service import Offers
from mesto.catalog.declarations.service import Declarations
from mesto.catalog.existence.service import Existence
from mesto.catalog.feed.service import Feed
from mesto.catalog.impact.client import ImpactClient
from mesto.catalog.owner_edits.client import AccountsClient
from mesto.catalog.owner_edits.service import OwnerEdits
from mesto.catalog.ownership.service import Ownership
from mesto.catalog.profiles.service import Profiles
from mesto.catalog.search.service import Search
from mesto.catalog.settings import CatalogSettings
from mesto.catalog.spaces.service import Spaces
from mesto.catalog.tables import CONFIGURATION
from mesto.common.consistency.checks import Check
from mesto.common.consistency.sources import Sources
from mesto.common.database.engine import Database
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.policy import CatalogPolicy


@dataclass(frozen=True)
class Catalog:
    """The features of catalog on one database, by the platform's policy."""

    database: Database
    configuration: Configuration[CatalogPolicy]
    spaces: Spaces
    cities: Cities
    impact: ImpactClient
    accounts: AccountsClient
    ownership: Ownership
    owner_edits: OwnerEdits
    answers: Answers
    declarations: Declarations
    feed: Feed
    existence: Existence
    search: Search
    profiles: Profiles
    offers: Offers

    def checks(self, sources: Sources) -> Sequence[Check]:
        """Return what the audit looks at, in its order."""
        return consistency.checks(self.spaces, self.answers, self.ownership, sources)


def build(settings: CatalogSettings, name: str = "catalog", pool_size: int | None = None) -> Catalog:
    """Wire the features together; nothing is connected yet. ``name`` is the database pool's in the metrics."""
    database = Database(settings.database_url.get_secret_value(), name, pool_size or settings.pool_size)
    configuration = Configuration(database, CONFIGURATION, "catalog", CatalogPolicy, settings.platform_config)
    spaces, cities = Spaces(database, configuration), Cities(database)
    impact, accounts = ImpactClient(settings), AccountsClient(settings)
    ownership = Ownership(spaces)
    declarations = Declarations(settings, spaces, cities, impact, ownership)
    return Catalog(
        database=database,
        configuration=configuration,
        spaces=spaces,
        cities=cities,
        impact=impact,
        accounts=accounts,
        ownership=ownership,
        owner_edits=OwnerEdits(spaces, impact, accounts, ownership),
        answers=Answers(spaces),
        declarations=declarations,
        feed=Feed(database, spaces, declarations),
        existence=Existence(database),
        search=Search(database, configuration, cities),
        profiles=Profiles(configuration, spaces, cities),
        offers=Offers(database),
    )
