"""SQL of spaces: whole spaces in, whole spaces out."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

from mesto.catalog.spaces.records import NewSpace, ResourceDocument, Space, SpaceDocument, resource_id
from mesto.catalog.spaces.tables import LISTED, OLD_SLUGS, PRICES, RESOURCES, SPACES
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

_RESOURCE = (
    "name",
    "kind",
    "title",
    "seats",
    "capacity",
    "slot_minutes",
    "min_duration_minutes",
    "max_duration_minutes",
    "buffer_minutes",
    "min_notice_minutes",
    "max_advance_days",
)


def _prices() -> ColumnElement[object]:
    fields = func.jsonb_build_object(
        "per", PRICES.c.per, "amount", cast(PRICES.c.amount, Text), "currency", PRICES.c.currency
    )
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(fields, PRICES.c.position)), text("'[]'::jsonb")))
        .where(PRICES.c.resource_id == RESOURCES.c.id)
        .correlate(RESOURCES)
        .scalar_subquery()
    )


def _resources() -> ColumnElement[object]:
    pairs: list[object] = [literal("id"), RESOURCES.c.id, literal("prices"), _prices()]
    for name in _RESOURCE:
        pairs += [literal(name), RESOURCES.c[name]]
    fields = func.jsonb_build_object(*pairs)
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(fields, RESOURCES.c.position)), text("'[]'::jsonb")))
        .where(RESOURCES.c.space_id == SPACES.c.id)
        .correlate(SPACES)
        .scalar_subquery()
    )


Whole = Select[*tuple[object, ...]]
# A space with its resources and their prices as one row.
_WHOLE: Whole = select(SPACES, cast(_resources(), JSONB).label("resources"))
_BY_ID = _WHOLE.where(SPACES.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_LOCK_ALL = (
    select(SPACES.c.id)
    .where(SPACES.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))), ~SPACES.c.removed)
    .order_by(SPACES.c.id)
    .with_for_update()
)


_COLUMNS = {"owner_overrides": "held"}
_NAMES = [*SPACES.c.keys(), "resources"]
# By their places in the row: names cost more than all else that is done with it, and this is a hot path.
_values = itemgetter(*(_NAMES.index(_COLUMNS.get(field.name, field.name)) for field in fields(Space)))


async def _spaces(
    connection: AsyncConnection, statement: Whole, parameters: Mapping[str, object] | None = None
) -> list[Space]:
    """Return what a statement on ``_WHOLE`` finds."""
    return [Space(*_values(row)) for row in await connection.execute(statement, parameters)]


async def load(connection: AsyncConnection, ids: Sequence[UUID]) -> list[Space]:
    """Return these spaces, whole."""
    return await _spaces(connection, _BY_ID, {"ids": list(ids)}) if ids else []


async def lock(connection: AsyncConnection, space_id: UUID) -> Space | None:
    """Return a space that is not removed, locked and whole."""
    return next(iter(await lock_all(connection, [space_id])), None)


async def lock_all(connection: AsyncConnection, space_ids: Collection[UUID]) -> list[Space]:
    """Return those of these spaces that are not removed, locked and whole."""
    ids = (await connection.execute(_LOCK_ALL, {"ids": list(space_ids)})).scalars().all()
    return await load(connection, ids)


async def find_by_uid(connection: AsyncConnection, uid: UUID) -> Space | None:
    """Return the managed space of a custom resource."""
    found = _WHOLE.where(SPACES.c.uid == uid, SPACES.c.managed, ~SPACES.c.removed)
    return next(iter(await _spaces(connection, found)), None)


async def find_managed(connection: AsyncConnection, id_or_slug: str) -> Space | None:
    """Return the space that a resource declares, by id, else by slug, published or not."""
    return await _find_named(connection, id_or_slug, SPACES.c.managed)


async def list_owned(connection: AsyncConnection, owner_id: UUID, after: UUID | None, limit: int) -> list[Space]:
    """Return the spaces of an account that a resource declares, by id after one."""
    query = _WHOLE.where(SPACES.c.owner_id == owner_id, SPACES.c.managed, ~SPACES.c.removed)
    query = query.where(SPACES.c.id > after) if after else query
    return await _spaces(connection, query.order_by(SPACES.c.id).limit(limit))


async def find_listed(connection: AsyncConnection, id_or_slug: str) -> Space | None:
    """Return a listed space by id, else by slug."""
    return await _find_named(connection, id_or_slug, LISTED)


async def _find_named(connection: AsyncConnection, id_or_slug: str, among: ColumnElement[bool]) -> Space | None:
    by_slug = SPACES.c.slug == id_or_slug
    named = by_slug
    with contextlib.suppress(ValueError):
        named = or_(SPACES.c.id == UUID(id_or_slug), by_slug)
    found = _WHOLE.where(named, among).order_by(by_slug.asc()).limit(1)
    return next(iter(await _spaces(connection, found)), None)


async def find_new_slug(connection: AsyncConnection, slug: str) -> str | None:
    """Return the slug that the listed space has now which had this one before; None without one."""
    joined = OLD_SLUGS.join(SPACES, SPACES.c.id == OLD_SLUGS.c.space_id)
    query = select(SPACES.c.slug).select_from(joined).where(OLD_SLUGS.c.slug == slug, LISTED)
    return (await connection.execute(query)).scalar_one_or_none()


async def insert_old_slugs(connection: AsyncConnection, left: Sequence[tuple[str, UUID]]) -> None:
    """Remember of slugs which space has left them."""
    if left:
        write = upsert(OLD_SLUGS).values([{"slug": slug, "space_id": space_id} for slug, space_id in left])
        newest = {"space_id": write.excluded.space_id, "since": func.now()}
        await connection.execute(write.on_conflict_do_update(index_elements=["slug"], set_=newest))


async def delete_old_slugs(connection: AsyncConnection, taken: Sequence[str]) -> None:
    """Forget who had these slugs before."""
    if taken:
        await connection.execute(delete(OLD_SLUGS).where(OLD_SLUGS.c.slug == any_(literal(list(taken), ARRAY(Text)))))


async def insert_spaces(connection: AsyncConnection, spaces: Sequence[NewSpace]) -> None:
    """Insert spaces with their resources. Raises IntegrityError when a slug or uid was taken meanwhile."""
    if spaces:
        # In one order, so that two requests that want the same slugs wait for each other and do not deadlock.
        ordered = sorted(spaces, key=lambda space: space.slug)
        await connection.execute(insert(SPACES), [_new_columns(space) for space in ordered])
        await _insert_resources(connection, [(space.id, space.spec["resources"]) for space in spaces])


async def update_space(
    connection: AsyncConnection, space_id: UUID, values: Mapping[str, object], spec: SpaceDocument | None = None
) -> None:
    """Write columns and, when ``spec`` is given, the whole declared content."""
    columns = {**values, **(_columns(spec) if spec is not None else {})}
    await connection.execute(update(SPACES).where(SPACES.c.id == space_id).values(updated_at=func.now(), **columns))
    if spec is not None:
        await connection.execute(delete(RESOURCES).where(RESOURCES.c.space_id == space_id))
        await _insert_resources(connection, [(space_id, spec["resources"])])


async def tombstone(connection: AsyncConnection, space_id: UUID, revision: int) -> None:
    """Remove a space. A tombstone without content stays, so that the change feed tells of it."""
    await connection.execute(delete(RESOURCES).where(RESOURCES.c.space_id == space_id))
    await connection.execute(delete(OLD_SLUGS).where(OLD_SLUGS.c.space_id == space_id))
    deleted: dict[str, object] = {
        "removed": True,
        "managed": False,
        "missing_since": None,
        "release_to": None,
        "published": False,
        "revision": revision,
        "bookable_reason": "Removed",
    }
    bare: dict[str, object] = {"owner_email": None, "contacts": None, "photos": [], "applied": {}, "located": None}
    bare |= {"owner_key": None, "owner_named_at": None, "owner_id": None}
    bare |= {"description": None, "exceptions": [], "amenities": [], "booking": None, "held": {}}
    await update_space(connection, space_id, deleted | bare)


def _new_columns(space: NewSpace) -> dict[str, object]:
    identity = {"id": space.id, "uid": space.uid, "namespace": space.namespace, "name": space.name}
    declared = {"generation": space.generation, "managed": True, "missing_since": None, "release_to": space.release_to}
    derived = {"policy": space.policy, "bookable_reason": space.bookable_reason, "listing": space.listing}
    return {
        **identity,
        **declared,
        "revision": 1,
        "slug": space.slug,
        **derived,
        **vars(space.ownership),
        **_columns(space.spec),
    }


def _columns(spec: SpaceDocument) -> dict[str, object]:
    columns: dict[str, object] = {name: value for name, value in spec.items() if name not in ("location", "resources")}
    return columns | {"latitude": spec["location"]["latitude"], "longitude": spec["location"]["longitude"]}


async def _insert_resources(
    connection: AsyncConnection, spaces: Sequence[tuple[UUID, Sequence[ResourceDocument]]]
) -> None:
    rows: list[dict[str, object]] = []
    prices: list[dict[str, object]] = []
    for space_id, resources in spaces:
        for position, resource in enumerate(resources):
            identity = resource_id(space_id, resource["name"])
            columns = {name: value for name, value in resource.items() if name in _RESOURCE}
            rows.append({"id": identity, "space_id": space_id, "position": position, **columns})
            for number, price in enumerate(resource["prices"]):
                place = {"resource_id": identity, "space_id": space_id, "kind": resource["kind"], "position": number}
                amount = {"per": price["per"], "currency": price["currency"], "amount": Decimal(price["amount"])}
                prices.append({**place, **amount})
    if rows:
        await connection.execute(insert(RESOURCES), rows)
    if prices:
        await connection.execute(insert(PRICES), prices)


async def list_changes(connection: AsyncConnection, after: tuple[int, UUID], limit: int) -> list[Space]:
    """Return spaces changed after a place in the feed, in the feed's order.

    Only of transactions older than every one still running: a row that commits later than a row with a higher
    transaction number would otherwise be skipped. The price: a long writing transaction anywhere on the server, in
    another service's schema too, holds the feed back until it ends (statements end after 10 s).
    """
    settled = SPACES.c.changed_xid < text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
    place = tuple_(SPACES.c.changed_xid, SPACES.c.id)
    query = (
        _WHOLE.where(settled, place > tuple_(literal(after[0]), literal(after[1])))
        .order_by(SPACES.c.changed_xid, SPACES.c.id)
        .limit(limit)
    )
    return await _spaces(connection, query)


async def list_all(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> list[Space]:
    """Return whole spaces by id, removed ones too: after one, or just these."""
    query = _WHOLE.order_by(SPACES.c.id)
    if ids:
        return await _spaces(connection, query.where(SPACES.c.id.in_(ids)))
    return await _spaces(connection, (query.where(SPACES.c.id > after) if after else query).limit(limit))


async def list_stored(
    connection: AsyncConnection, after: UUID | None, limit: int, filters: Mapping[str, str]
) -> list[Space]:
    """Return whole spaces by id after one, without removed ones; ``filters`` are columns by value, empty for any."""
    query = _WHOLE.where(~SPACES.c.removed, *(SPACES.c[name] == value for name, value in filters.items() if value))
    query = query.where(SPACES.c.id > after) if after else query
    return await _spaces(connection, query.order_by(SPACES.c.id).limit(limit))


async def list_other_holds(connection: AsyncConnection, minutes: int, limit: int) -> list[UUID]:
    """Return ids of spaces that declare no hold of their own and hold for another time than this."""
    applied = SPACES.c.policy["hold_minutes"].as_integer()
    declared = SPACES.c.booking["hold_minutes"].as_integer()
    statement = select(SPACES.c.id).where(~SPACES.c.removed, declared.is_(None), applied != minutes)
    return list((await connection.execute(statement.order_by(SPACES.c.id).limit(limit))).scalars())


async def count_by_reason(connection: AsyncConnection) -> dict[str, int]:
    """Return how many spaces there are by the reason of their Bookable condition."""
    reason = SPACES.c.bookable_reason
    query = select(reason, func.count()).where(~SPACES.c.removed).group_by(reason)
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}


async def count_prices(connection: AsyncConnection) -> int:
    """Return how many prices there are."""
    return (await connection.execute(select(func.count()).select_from(PRICES))).scalar_one()


async def list_misplaced_prices(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[UUID]:
    """Return resources whose prices repeat their kind or space and have it wrong: of all 1000 at most, or these."""
    wrong = or_(PRICES.c.kind != RESOURCES.c.kind, PRICES.c.space_id != RESOURCES.c.space_id)
    joined = PRICES.join(RESOURCES, RESOURCES.c.id == PRICES.c.resource_id)
    statement = select(PRICES.c.resource_id).select_from(joined).where(wrong).distinct().limit(1000)
    if ids is not None:
        statement = statement.where(PRICES.c.resource_id.in_(ids))
    return list((await connection.execute(statement)).scalars())
