"""Datasets of districts and stops: loaded whole or not at all, with the spaces of their city placed anew."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from dataclasses import asdict
from typing import Literal
from uuid import UUID

import structlog
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.datasets import DatasetLoaded, DatasetState
from mesto.contracts.policy import GeoPolicy, not_allowed
from mesto.geo.cities.service import Cities
from mesto.geo.datasets import store
from mesto.geo.datasets.parsing import Prepared, check_places, with_unique_slugs
from mesto.geo.datasets.records import Dataset, DatasetType, Declaration, NewDataset
from mesto.geo.locations.service import Locations
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)


class Datasets:
    """What districts and stops consist of."""

    def __init__(
        self, database: Database, configuration: Configuration[GeoPolicy], cities: Cities, locations: Locations
    ) -> None:
        self.database, self.configuration = database, configuration
        self.cities, self.locations = cities, locations

    async def load(self, name: str, prepared: Prepared, declaration: Declaration | None = None) -> DatasetLoaded:
        """Swap a dataset's features for the prepared ones and place the city's spaces anew, in one transaction.

        Without ``declaration`` no custom resource declares it. Raises Problem 422 for a city that is not declared, and
        for features that cannot lie in it, 409 for one that the declaring namespace may not use.
        """
        namespace = name.partition(".")[0]
        if declaration is not None and not self.configuration.policy.may_use(namespace, prepared.city):
            raise Problem(409, "city-not-allowed", not_allowed(namespace, prepared.city))
        async with self.database.read() as connection:
            city = await self.cities.find(connection, prepared.city)
        if city is not None:
            await asyncio.to_thread(check_places, prepared, (city.latitude, city.longitude))
        answer = DatasetLoaded(
            features=prepared.features,
            checksum=prepared.checksum,
            unchanged=True,
            repaired=prepared.repaired,
        )
        async with self.database.transaction() as connection:
            await store.allow_long_statements(connection)
            old = await store.find(connection, name)
            touched = {prepared.city} | ({old.city} if old else set())
            await self.cities.lock(connection, *touched)
            old = await store.find(connection, name)
            await self.cities.require(connection, prepared.city)
            if old and _same(old, prepared) and await store.digest(connection, name, old.type) == old.digest:
                await store.set_declaration(connection, name, declaration, checked=True)
                return answer
            await self._replace(connection, name, prepared, declaration)
            relocated = await self._map_changed(connection, touched, {prepared.type} | ({old.type} if old else set()))
        log.info("dataset_loaded", dataset=name, features=prepared.features, relocated=relocated)
        return answer.model_copy(update={"unchanged": False, "relocated": relocated})

    async def _map_changed(self, connection: AsyncConnection, cities: Set[str], types: Set[DatasetType]) -> int:
        """Nest districts and place spaces anew where layers of these types have changed; return how many moved."""
        if "districts" in types:
            for city in sorted(cities):
                await store.nest_districts(connection, city)
        return await self.locations.relocate(connection, sorted(cities))

    async def _replace(
        self, connection: AsyncConnection, name: str, prepared: Prepared, declaration: Declaration | None
    ) -> None:
        dataset = NewDataset(
            name=name,
            city=prepared.city,
            type=prepared.type,
            level=prepared.level,
            checksum=prepared.checksum,
            features=prepared.features,
            repaired=prepared.repaired,
        )
        await store.replace(connection, dataset, declaration)
        if prepared.level is not None:
            taken = await store.list_district_slugs(connection, prepared.city)
            districts = with_unique_slugs(prepared.districts, taken)
            await store.insert_districts(connection, name, prepared.city, prepared.level, districts)
        await store.insert_stops(connection, name, prepared.city, prepared.stops)
        await store.set_digest(connection, name, prepared.type)

    async def state(self, name: str, *, verify: bool) -> DatasetState:
        """Return what is loaded under a name; ``verify`` reads all its rows. Raises Problem 404."""
        async with self.database.read() as connection:
            dataset = await store.find(connection, name)
            if dataset is None:
                raise Problem(404, "not-found", f'There is no dataset "{name}".')
            intact = await store.digest(connection, name, dataset.type) == dataset.digest if verify else None
        return DatasetState.model_validate({**asdict(dataset), "intact": intact})

    async def release(self, name: str, owner: UUID, policy: Literal["retain", "delete"]) -> None:
        """Let go of a dataset whose resource goes: the rows go with it, or stay and nobody declares them.

        Nothing for a dataset that another resource declares, or that is not there.
        """
        async with self.database.transaction() as connection:
            old = await store.find(connection, name)
            if old is None or old.owner != owner:
                return
            await self.cities.lock(connection, old.city)
            if policy == "retain":
                await store.set_declaration(connection, name, None)
                return
            await store.delete_dataset(connection, name)
            await self._map_changed(connection, {old.city}, {old.type})
        log.info("dataset_removed", dataset=name)


def _same(old: Dataset, prepared: Prepared) -> bool:
    before = (old.city, old.type, old.level, old.checksum)
    return before == (prepared.city, prepared.type, prepared.level, prepared.checksum)
