"""What the operator has found by comparing spaces with the resources that should manage them.

A resource can go without the operator seeing it: somebody clears its finalizer, a namespace or all of etcd is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from mesto.catalog.existence import store
from mesto.catalog.existence.records import ManagedRow
from mesto.common.database.engine import Database
from mesto.common.http.pages import after_id, encode_cursor
from mesto.contracts.spaces import Comparison, ManagedSpace

log = structlog.get_logger(__name__)


class Existence:
    """Managed spaces, and which of them no resource manages any more."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def list_managed(
        self, namespaces: Sequence[str], cursor: str, limit: int
    ) -> tuple[list[ManagedSpace], str | None]:
        """Return a page of managed spaces of these namespaces (none: of all), and the next cursor."""
        async with self.database.read() as connection:
            rows = await store.list_managed(connection, namespaces, after_id(cursor), limit)
        following = encode_cursor([str(rows[-1].id)]) if len(rows) == limit else None
        return [_managed(row) for row in rows], following

    async def note_comparison(self, found: Comparison) -> None:
        """Keep what was found: until a space's resource is found again, or another takes the space over."""
        scope = ",".join(sorted(found.namespaces)) or "*"
        async with self.database.transaction() as connection:
            missing = await store.mark_missing(connection, found.missing)
            back = await store.mark_found(connection, found.found)
            await store.upsert_comparison(connection, scope, found.unstored)
        if missing or back or found.unstored:
            log.warning("resources_compared", missing=missing, found_again=back, unstored=found.unstored)


def _managed(row: ManagedRow) -> ManagedSpace:
    return ManagedSpace(
        uid=row.uid, namespace=row.namespace, name=row.name, slug=row.slug, missing_since=row.missing_since
    )
