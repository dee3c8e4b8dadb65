"""Stored spaces: what other features read and write of them, and what other services are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import structlog
from mesto.catalog.spaces import rules, store
from mesto.catalog.spaces.records import NewSpace, Space, SpaceDocument
from mesto.catalog.tables import OUTBOX
from mesto.common.database.engine import Database
from mesto.common.http.pages import after_id, encode_cursor
from mesto.common.messaging.outbox import record
from mesto.common.platform_config.configuration import Configuration
from mesto.contracts.events import SpaceChanged, SpaceRemoved
from mesto.contracts.policy import CatalogPolicy
from mesto.contracts.spaces import BookingPolicy, StoredSpace
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
RENEWED = 100
"""Spaces whose policy is renewed in one transaction."""


class Spaces:
    """Spaces of the platform. The policy has the defaults of what declarations leave out."""

    def __init__(self, database: Database, configuration: Configuration[CatalogPolicy]) -> None:
        self.database, self.configuration = database, configuration

    async def load(self, connection: AsyncConnection, ids: Sequence[UUID]) -> list[Space]:
        """Return these spaces, whole."""
        return await store.load(connection, ids)

    async def lock(self, connection: AsyncConnection, space_id: UUID) -> Space | None:
        """Return a space that is not removed, locked and whole."""
        return await store.lock(connection, space_id)

    async def lock_all(self, connection: AsyncConnection, ids: Collection[UUID]) -> list[Space]:
        """Return those of these spaces that are not removed, locked in one order and whole."""
        return await store.lock_all(connection, ids)

    async def find_by_uid(self, uid: UUID) -> Space | None:
        """Return the managed space of a custom resource."""
        async with self.database.read() as connection:
            return await store.find_by_uid(connection, uid)

    async def find_managed(self, id_or_slug: str) -> Space | None:
        """Return the space that a resource declares, by id, else by slug, published or not."""
        async with self.database.read() as connection:
            return await store.find_managed(connection, id_or_slug)

    async def list_owned(self, owner_id: UUID, cursor: str, limit: int) -> tuple[list[Space], str | None]:
        """Return a page of the spaces of an account, published or not, and the next cursor."""
        async with self.database.read() as connection:
            spaces = await store.list_owned(connection, owner_id, after_id(cursor), limit)
        return spaces, encode_cursor([str(spaces[-1].id)]) if len(spaces) == limit else None

    async def find_listed(self, connection: AsyncConnection, id_or_slug: str) -> Space | None:
        """Return a listed space by id, else by slug."""
        return await store.find_listed(connection, id_or_slug)

    async def find_new_slug(self, connection: AsyncConnection, slug: str) -> str | None:
        """Return the slug that the listed space has now which had this one before; None without one."""
        return await store.find_new_slug(connection, slug)

    async def insert(self, connection: AsyncConnection, spaces: Sequence[NewSpace]) -> None:
        """Insert spaces with their resources. Raises IntegrityError when a slug or uid was taken meanwhile."""
        await store.insert_spaces(connection, spaces)

    async def update(
        self,
        connection: AsyncConnection,
        space_id: UUID,
        columns: Mapping[str, object],
        spec: SpaceDocument | None = None,
    ) -> None:
        """Write columns and, when ``spec`` is given, the whole declared content."""
        await store.update_space(connection, space_id, columns, spec)

    async def move_slugs(
        self, connection: AsyncConnection, left: Sequence[tuple[str, UUID]], taken: Sequence[str]
    ) -> None:
        """Note that spaces have left slugs, which lead to them until another takes one, and that some were taken."""
        await store.insert_old_slugs(connection, left)
        await store.delete_old_slugs(connection, taken)

    async def remove(self, connection: AsyncConnection, space: Space) -> None:
        """Remove a locked space and record it; a tombstone stays."""
        revision = space.revision + 1
        await store.tombstone(connection, space.id, revision)
        await record(connection, OUTBOX, [SpaceRemoved(space_id=space.id, revision=revision)])

    async def publish(self, connection: AsyncConnection, space_ids: Sequence[UUID]) -> list[Space]:
        """Record what the spaces are now as events; return them as stored."""
        stored = {space.id: space for space in await store.load(connection, space_ids)}
        spaces = [stored[space_id] for space_id in space_ids]
        for space in spaces:
            await self.refresh_bookable(connection, space)
        await record(connection, OUTBOX, [_changed(space) for space in spaces])
        return spaces

    async def refresh_bookable(self, connection: AsyncConnection, space: Space) -> None:
        """Store why a space can be booked or not, when it has changed."""
        reason = space.bookable().reason
        if reason != space.bookable_reason:
            await store.update_space(connection, space.id, {"bookable_reason": reason})

    async def renew_policies(self, fresh: CatalogPolicy) -> None:
        """Tell of every space that leaves its holds to the platform, when the platform has come to another value.

        Batch by batch, so that a renter's request never waits for all of them; it can be cut off and begun again.
        """
        while True:
            async with self.database.transaction() as connection:
                ids = await store.list_other_holds(connection, fresh.hold_minutes, RENEWED)
                if not ids:
                    return
                renewed = [
                    space.id
                    for space in await store.lock_all(connection, ids)
                    if await self._renew(connection, space, fresh)
                ]
                await self.publish(connection, renewed)
            log.info("policies_renewed", spaces=len(renewed))

    @staticmethod
    async def _renew(connection: AsyncConnection, space: Space, fresh: CatalogPolicy) -> bool:
        """Return whether this process had to do it: every replica of catalog renews when the policy changes."""
        policy = resolve_policy(space.booking, fresh)
        if space.policy == policy:
            return False
        await store.update_space(connection, space.id, {"revision": space.revision + 1, "policy": policy})
        return True

    async def list_changes(self, after: tuple[int, UUID], limit: int) -> list[Space]:
        """Return spaces changed after a place in the feed, in the feed's order."""
        async with self.database.read() as connection:
            return await store.list_changes(connection, after, limit)

    async def snapshot(
        self, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
    ) -> list[SpaceChanged | SpaceRemoved]:
        """Return spaces as their last events told them, by id: after one, or just these."""
        async with self.database.read() as connection:
            spaces = await store.list_all(connection, after, limit, ids)
        return [
            SpaceRemoved(space_id=space.id, revision=space.revision) if space.removed else _changed(space)
            for space in spaces
        ]

    async def list_stored(
        self, filters: Mapping[str, str], cursor: str, limit: int
    ) -> tuple[list[StoredSpace], str | None]:
        """Return a page of what rows hold, and the next cursor; ``filters`` are columns by value, empty for any."""
        async with self.database.read() as connection:
            spaces = await store.list_stored(connection, after_id(cursor), limit, filters)
        following = encode_cursor([str(spaces[-1].id)]) if len(spaces) == limit else None
        return [_stored(space) for space in spaces], following

    async def count_by_reason(self, connection: AsyncConnection) -> dict[str, int]:
        """Return how many spaces there are by the reason of their Bookable condition."""
        return await store.count_by_reason(connection)


def resolve_policy(booking: Mapping[str, object] | None, platform: CatalogPolicy) -> dict[str, object]:
    """Return a space's own booking policy, filled up from the platform's, as it is stored."""
    declared = BookingPolicy.model_validate(booking) if booking else None
    return rules.resolve(declared, platform.hold_minutes).model_dump(mode="json")


def _changed(space: Space) -> SpaceChanged:
    """Return the whole state of a stored space as an event. Raises ValidationError for a row against the contract."""
    facts = {"space_id": space.id, "revision": space.revision, "slug": space.slug, "policy": space.policy}
    facts |= {"owner_id": space.owner_id, "owner_decided": space.owner_decided}
    published = space.published and space.listing != rules.WITHHELD
    return SpaceChanged.model_validate(
        {**space.document, **facts, "published": published, "resources": space.resources}
    )


def _stored(space: Space) -> StoredSpace:
    return StoredSpace.model_validate(
        {
            "space_id": space.id,
            "namespace": space.namespace,
            "name": space.name,
            "slug": space.slug,
            "managed": space.managed,
            "spec": space.document,
        }
    )
