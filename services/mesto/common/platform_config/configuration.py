"""The platform's policy as one process of a service runs with it.

The operator delivers a service's section by its internal API; it is checked, committed, and read again by every process
of the service within two seconds. What is invalid is refused and the committed one stays. Until the first delivery the
file of MESTO_PLATFORM_CONFIG counts, or what is built in; a process that finds neither readable is not ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import structlog
import yaml
from mesto.common.database.engine import Database
from mesto.common.errors import Problem
from mesto.contracts.base import Contract
from mesto.contracts.policy import ConfigurationState, Delivery, declared, fingerprint, sections
from prometheus_client import Gauge
from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    MetaData,
    Row,
    SmallInteger,
    Table,
    Uuid,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

log = structlog.get_logger(__name__)
RUNNING = Gauge("mesto_configuration_generation", "Generation of the PlatformConfig in use, 0: none")
RELOAD_SECONDS = 1.0
P = TypeVar("P", bound=Contract)


def configuration_table(metadata: MetaData) -> Table:
    """Return the table of a service's section, one row at most. Call once in its tables.py."""
    return Table(
        "configuration",
        metadata,
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        Column("uid", Uuid, nullable=False),
        Column("generation", BigInteger, nullable=False),
        Column("policy", JSONB, nullable=False),
        Column("committed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        CheckConstraint("id = 1", name="one"),
    )


def from_file(service: str, model: type[P], path: Path | None) -> P:
    """Return a service's section of a PlatformConfig's YAML, else what is built in. Raises ValueError, OSError."""
    if path is None:
        return model()
    try:
        document = yaml.safe_load(path.read_bytes()) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("spec") or {}, dict):
        raise ValueError(f"{path} is not a PlatformConfig resource")
    return model.model_validate(sections(document.get("spec") or {})[service])


class Followed(Protocol):
    """What a process needs of a configuration that it runs by, whatever its section is."""

    async def reload(self) -> None:
        """Read it now."""

    async def run(self) -> None:
        """Read it again every second, until cancelled."""

    async def wait_until_read(self) -> None:
        """Wait until it was read."""

    async def check(self) -> None:
        """Raise until it was read once."""


class Configuration(Generic[P]):
    """``policy`` is what counts now. ``changed`` runs after each change, and once after the first reading of the table.

    Until something is delivered the file at ``path`` counts, and is read again when it changes.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        service: str,
        model: type[P],
        path: Path | None = None,
    ) -> None:
        self.database, self.policy = database, model()
        self.changed: Callable[[P], Awaitable[None]] | None = None
        self._table, self._service, self._model, self._path = table, service, model, path
        self._seen: object = None
        self._reloading = asyncio.Lock()
        self._loaded = asyncio.Event()
        self._wrong = "the platform's configuration is not read yet"
        RUNNING.set(0)

    async def run(self) -> None:
        """Read it again every second, until cancelled: what cannot be read leaves what is known."""
        while True:
            try:
                await self.reload()
                self._wrong = ""
            except Exception as error:
                if self._wrong != repr(error):
                    self._wrong = repr(error)
                    log.warning("configuration_not_applied", error=repr(error))
            await asyncio.sleep(RELOAD_SECONDS)

    async def reload(self) -> None:
        """Run with what is committed.

        Raises what the file (ValueError names the field, OSError), the database or ``changed`` raises.
        """
        async with self._reloading:
            await self._reload()

    async def _reload(self) -> None:
        row = await self._row()
        if row is not None:
            seen: object = (row.uid, row.generation, row.committed_at)
        else:
            seen = await asyncio.to_thread(self._edition)
        if seen == self._seen:
            return
        if row is not None:
            self.policy = self._model.model_validate(row.policy)
        else:
            self.policy = await asyncio.to_thread(from_file, self._service, self._model, self._path)
        # What is written from here on is by the new policy; `changed` mends what was written before.
        if self.changed is not None:
            await self.changed(self.policy)
        self._seen = seen
        generation = row.generation if row is not None else 0
        RUNNING.set(generation)
        log.info("configuration_applied", generation=generation)
        self._loaded.set()

    async def _row(self) -> Row[tuple[object, ...]] | None:
        """Return what is committed, None before the first delivery."""
        async with self.database.read() as connection:
            return (await connection.execute(select(self._table))).first()

    def _edition(self) -> object:
        """Return a mark of the file, which changes when the file may have changed."""
        if self._path is None:
            return "built in"
        known = self._path.stat()
        return known.st_mtime_ns, known.st_size, known.st_ino

    async def wait_until_read(self) -> None:
        """Wait until it was read."""
        await self._loaded.wait()

    async def check(self) -> None:
        """Raise until it was read once."""
        if not self._loaded.is_set():
            raise RuntimeError(self._wrong)

    async def store_section(self, delivery: Delivery[P]) -> ConfigurationState:
        """Commit a section; every process of the service runs with it soon, this one at once.

        Raises Problem 409 for an older generation than the committed one of the same resource.
        """
        values = {
            "id": 1,
            "uid": delivery.uid,
            "generation": delivery.generation,
            "policy": declared(delivery.policy),
        }
        stored, statement = self._table.c, insert(self._table).values(values)
        fresh = {name: statement.excluded[name] for name in values if name != "id"} | {"committed_at": func.now()}
        newer = or_(stored.uid != delivery.uid, stored.generation <= delivery.generation)
        upsert = statement.on_conflict_do_update(index_elements=[stored.id], set_=fresh, where=newer)
        async with self.database.transaction() as connection:
            if (await connection.execute(upsert.returning(stored.id))).first() is None:
                raise Problem(409, "stale-generation", "A newer generation is committed already.")
        await self.reload()
        return await self.state()

    async def state(self) -> ConfigurationState:
        """Return what is committed. Its fingerprint is empty when somebody has made it invalid."""
        row = await self._row()
        if row is None:
            return ConfigurationState()
        try:
            shown = fingerprint(self._model.model_validate(row.policy))
        except ValidationError:
            shown = ""
        return ConfigurationState(uid=row.uid, generation=row.generation, fingerprint=shown)
