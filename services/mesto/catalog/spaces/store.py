"""Spaces in the database: whole rows in, whole rows out, the change feed and what other services said."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from mesto.catalog.declarations.rules import Claim, Holder
from mesto.catalog.tables import CITIES, OLD_SLUGS, PRICES, RESOURCES, SPACES
from mesto.common.database.engine import one_of
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    and_,
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

# Columns of `spaces` that are fields of the declared spec under the same name.
_PLAIN = (
    "title",
    "description",
    "city",
    "address",
    "time_zone",
    "opening_hours",
    "exceptions",
    "amenities",
    "photos",
    "contacts",
    "owner_email",
    "booking",
    "published",
)
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
SpaceRow = Row[Any]


def _prices() -> Any:
    fields = func.jsonb_build_object(
        "per", PRICES.c.per, "amount", cast(PRICES.c.amount, Text), "currency", PRICES.c.currency
    )
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(fields, PRICES.c.position)), text("'[]'::jsonb")))
        .where(PRICES.c.resource_id == RESOURCES.c.id)
        .correlate(RESOURCES)
        .scalar_subquery()
    )


def _resources() -> Any:
    pairs: list[Any] = [literal("id"), RESOURCES.c.id, literal("prices"), _prices()]
    for name in _RESOURCE:
        pairs += [literal(name), RESOURCES.c[name]]
    fields = func.jsonb_build_object(*pairs)
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(fields, RESOURCES.c.position)), text("'[]'::jsonb")))
        .where(RESOURCES.c.space_id == SPACES.c.id)
        .correlate(SPACES)
        .scalar_subquery()
    )


# A space with its resources and their prices as one row.
WHOLE: Select[Any] = select(SPACES, cast(_resources(), JSONB).label("resources"))
_BY_ID = WHOLE.where(SPACES.c.id == any_(bindparam("wanted", type_=ARRAY(Uuid))))
_LOCK_CLAIMED = (
    select(SPACES.c.id)
    .where(
        or_(
            SPACES.c.uid == any_(bindparam("uids", type_=ARRAY(Uuid))),
            SPACES.c.slug == any_(bindparam("slugs", type_=ARRAY(Text))),
            SPACES.c.id == any_(bindparam("adopted", type_=ARRAY(Uuid))),
            SPACES.c.release_to == any_(bindparam("names", type_=ARRAY(Text))),
        ),
        ~SPACES.c.removed,
    )
    .order_by(SPACES.c.id)
    .with_for_update()
)
_LOCK_ALL = (
    select(SPACES.c.id)
    .where(SPACES.c.id == any_(bindparam("wanted", type_=ARRAY(Uuid))), ~SPACES.c.removed)
    .order_by(SPACES.c.id)
    .with_for_update()
)
_WORDS = ("applied", "bookable_reason", "listing", "located", "located_revision", "district")
# Published by its owner, and Ready once. Written out, for plans that use the indexes of published spaces.
LISTED: ColumnElement[bool] = and_(SPACES.c.published, one_of(SPACES.c.listing, "listed"))
_KEEP_WORDS = (
    update(SPACES)
    .where(SPACES.c.id == bindparam("space_id"))
    .values(updated_at=func.now(), **{name: bindparam(name, type_=SPACES.c[name].type) for name in _WORDS})
)


def document(row: SpaceRow) -> dict[str, Any]:
    """The spec that is in effect as it is stored, in the shape of ``SpaceSpec.model_dump(mode="json")``.

    Not validated: whatever somebody wrote by SQL shows, and differs from what was declared.
    """
    stored = {name: getattr(row, name) for name in _PLAIN}
    stored["location"] = {"latitude": row.latitude, "longitude": row.longitude}
    stored["resources"] = [{k: v for k, v in one.items() if k != "id"} for one in row.resources]
    return stored


async def other_holds(connection: AsyncConnection, minutes: int, limit: int) -> list[UUID]:
    """Ids of spaces that declare no hold of their own and hold for another time than this."""
    held = SPACES.c.policy["hold_minutes"].as_integer()
    declared = SPACES.c.booking["hold_minutes"].as_integer()
    statement = select(SPACES.c.id).where(~SPACES.c.removed, declared.is_(None), held != minutes)
    return list((await connection.execute(statement.order_by(SPACES.c.id).limit(limit))).scalars())


def holder(row: SpaceRow) -> Holder:
    """The part of a row that claims are settled by."""
    identity = (row.uid, row.namespace, row.name, row.generation, row.slug, row.managed)
    return Holder(row.id, *identity, missing=row.missing_since is not None, release_to=row.release_to)


def resource_id(space_id: UUID, name: str) -> UUID:
    """The id of a space's resource: the same for the same name, even after it was gone for a while."""
    return uuid5(space_id, name)


async def lock_candidates(connection: AsyncConnection, claimed: Sequence[Claim]) -> list[SpaceRow]:
    """The rows that claims are settled among, locked and whole."""
    if not claimed:
        return []
    # Locked in one order, so two claims wait and do not deadlock; read by a second statement,
    # whose snapshot is newer than the wait.
    wanted: dict[str, Any] = {
        "uids": [claim.uid for claim in claimed],
        "slugs": [claim.slug for claim in claimed],
        "adopted": [claim.adopt for claim in claimed if claim.adopt is not None],
        "names": [claim.whole_name for claim in claimed],
    }
    ids = (await connection.execute(_LOCK_CLAIMED, wanted)).scalars().all()
    return await load(connection, ids)


async def lock_declared(connection: AsyncConnection, uid: UUID) -> SpaceRow | None:
    """The space of a custom resource, managed or not, locked and whole."""
    mine = select(SPACES.c.id).where(SPACES.c.uid == uid, ~SPACES.c.removed).with_for_update()
    ids = (await connection.execute(mine)).scalars().all()
    return next(iter(await load(connection, ids)), None)


async def lock(connection: AsyncConnection, space_id: UUID) -> SpaceRow | None:
    """One space that is not removed, locked and whole."""
    return next(iter(await lock_all(connection, [space_id])), None)


async def lock_all(connection: AsyncConnection, space_ids: Collection[UUID]) -> list[SpaceRow]:
    """Those that are not removed, locked and whole."""
    ids = (await connection.execute(_LOCK_ALL, {"wanted": list(space_ids)})).scalars().all()
    return await load(connection, ids)


async def load(connection: AsyncConnection, ids: Sequence[UUID]) -> list[SpaceRow]:
    """Whole spaces by id."""
    if not ids:
        return []
    return list((await connection.execute(_BY_ID, {"wanted": list(ids)})).all())


async def by_uid(connection: AsyncConnection, uid: UUID) -> SpaceRow | None:
    """The managed space of a custom resource."""
    found = WHOLE.where(SPACES.c.uid == uid, SPACES.c.managed, ~SPACES.c.removed)
    row: SpaceRow | None = (await connection.execute(found)).first()
    return row


async def managed(connection: AsyncConnection, id_or_slug: str) -> SpaceRow | None:
    """The space that a resource declares, by id, else by slug, published or not."""
    return await _named(connection, id_or_slug, SPACES.c.managed)


async def published(connection: AsyncConnection, id_or_slug: str) -> SpaceRow | None:
    """A listed space by id, else by slug."""
    return await _named(connection, id_or_slug, LISTED)


async def moved(connection: AsyncConnection, slug: str) -> str | None:
    """The slug that the listed space has now which had this one before; None without one."""
    joined = OLD_SLUGS.join(SPACES, SPACES.c.id == OLD_SLUGS.c.space_id)
    query = select(SPACES.c.slug).select_from(joined).where(OLD_SLUGS.c.slug == slug, LISTED)
    return (await connection.execute(query)).scalar_one_or_none()


async def leave_slugs(connection: AsyncConnection, left: Sequence[tuple[str, UUID]]) -> None:
    """Remember of slugs which space has left them."""
    if left:
        write = upsert(OLD_SLUGS).values([{"slug": slug, "space_id": space_id} for slug, space_id in left])
        newest = {"space_id": write.excluded.space_id, "since": func.now()}
        await connection.execute(write.on_conflict_do_update(index_elements=["slug"], set_=newest))


async def take_slugs(connection: AsyncConnection, taken: Sequence[str]) -> None:
    """Forget who had these slugs before."""
    if taken:
        await connection.execute(delete(OLD_SLUGS).where(OLD_SLUGS.c.slug == any_(literal(list(taken), ARRAY(Text)))))


async def _named(connection: AsyncConnection, id_or_slug: str, among: ColumnElement[bool]) -> SpaceRow | None:
    by_slug = SPACES.c.slug == id_or_slug
    mine = by_slug
    with contextlib.suppress(ValueError):
        mine = or_(SPACES.c.id == UUID(id_or_slug), by_slug)
    found = WHOLE.where(mine, among).order_by(by_slug.asc()).limit(1)
    row: SpaceRow | None = (await connection.execute(found)).first()
    return row


async def insert_spaces(connection: AsyncConnection, spaces: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """New spaces (columns and declared spec) with their resources.

    Raises IntegrityError when a slug or uid was taken meanwhile.
    """
    if spaces:
        # In one order, so that two requests that want the same slugs wait for each other and do not deadlock.
        ordered = sorted(spaces, key=lambda space: str(space[0]["slug"]))
        await connection.execute(insert(SPACES), [values | _columns(spec) for values, spec in ordered])
        await _write_resources(connection, [(values["id"], spec["resources"]) for values, spec in spaces])


async def update_space(
    connection: AsyncConnection, space_id: UUID, values: dict[str, Any], spec: dict[str, Any] | None = None
) -> None:
    """Write columns and, when ``spec`` is given, the whole declared content."""
    columns = values | (_columns(spec) if spec is not None else {})
    await connection.execute(update(SPACES).where(SPACES.c.id == space_id).values(updated_at=func.now(), **columns))
    if spec is not None:
        await connection.execute(delete(RESOURCES).where(RESOURCES.c.space_id == space_id))
        await _write_resources(connection, [(space_id, spec["resources"])])


async def keep_words(connection: AsyncConnection, words: Sequence[dict[str, Any]]) -> None:
    """Write what other services said, by the space's ``id``."""
    if words:
        await connection.execute(
            _KEEP_WORDS, [{"space_id": one["id"]} | {name: one[name] for name in _WORDS} for one in words]
        )


async def bury(connection: AsyncConnection, space_id: UUID, revision: int) -> None:
    """Remove a space. A tombstone without content stays, so that the change feed tells of it."""
    await connection.execute(delete(RESOURCES).where(RESOURCES.c.space_id == space_id))
    await connection.execute(delete(OLD_SLUGS).where(OLD_SLUGS.c.space_id == space_id))
    gone: dict[str, Any] = {
        "removed": True,
        "managed": False,
        "missing_since": None,
        "release_to": None,
        "published": False,
        "revision": revision,
        "bookable_reason": "Removed",
    }
    bare: dict[str, Any] = {"owner_email": None, "contacts": None, "photos": [], "applied": {}, "located": None}
    bare |= {"description": None, "exceptions": [], "amenities": [], "booking": None, "held": {}}
    await update_space(connection, space_id, gone | bare)


def _columns(spec: dict[str, Any]) -> dict[str, Any]:
    columns = {name: spec[name] for name in _PLAIN}
    return columns | {"latitude": spec["location"]["latitude"], "longitude": spec["location"]["longitude"]}


async def _write_resources(connection: AsyncConnection, spaces: Sequence[tuple[UUID, list[dict[str, Any]]]]) -> None:
    rows, prices = [], []
    for space_id, resources in spaces:
        for position, resource in enumerate(resources):
            identity = resource_id(space_id, resource["name"])
            fields = {name: resource[name] for name in _RESOURCE}
            rows.append({"id": identity, "space_id": space_id, "position": position, **fields})
            for number, price in enumerate(resource["prices"]):
                place = {"resource_id": identity, "space_id": space_id, "kind": resource["kind"], "position": number}
                amount = {"per": price["per"], "currency": price["currency"], "amount": Decimal(price["amount"])}
                prices.append(place | amount)
    if rows:
        await connection.execute(insert(RESOURCES), rows)
    if prices:
        await connection.execute(insert(PRICES), prices)


async def changes(connection: AsyncConnection, after: tuple[int, UUID], limit: int) -> list[SpaceRow]:
    """Spaces changed after a place in the feed, in the feed's order.

    Only of transactions older than every one still running: a row that commits later than a row with a higher
    transaction number would otherwise be skipped. The price: a long writing transaction anywhere on the server, in
    another service's schema too, holds the feed back until it ends (statements end after 10 s).
    """
    settled = SPACES.c.changed_xid < text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
    place = tuple_(SPACES.c.changed_xid, SPACES.c.id)
    query = (
        WHOLE.where(settled, place > tuple_(literal(after[0]), literal(after[1])))
        .order_by(SPACES.c.changed_xid, SPACES.c.id)
        .limit(limit)
    )
    return list((await connection.execute(query)).all())


async def snapshot(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> list[SpaceRow]:
    """Whole spaces by id, removed ones too: after one, or just these."""
    query = WHOLE.order_by(SPACES.c.id)
    if ids:
        return list((await connection.execute(query.where(SPACES.c.id.in_(ids)))).all())
    return list((await connection.execute((query.where(SPACES.c.id > after) if after else query).limit(limit))).all())


async def stored(
    connection: AsyncConnection, after: UUID | None, limit: int, wanted: Mapping[str, str]
) -> list[SpaceRow]:
    """Whole spaces by id after one, without removed ones; ``wanted`` are columns by value, empty for any."""
    query = WHOLE.where(~SPACES.c.removed, *(SPACES.c[name] == value for name, value in wanted.items() if value))
    query = query.where(SPACES.c.id > after) if after else query
    return list((await connection.execute(query.order_by(SPACES.c.id).limit(limit))).all())


async def put_city(connection: AsyncConnection, values: dict[str, Any], *, force: bool = False) -> bool:
    """Keep geo's newest revision of a city; False when a newer or the same one is known, unless by ``force``."""
    write = upsert(CITIES).values(values)
    write = write.on_conflict_do_update(
        index_elements=["slug"],
        set_={name: write.excluded[name] for name in values},
        where=None if force else CITIES.c.revision < write.excluded.revision,
    )
    return (await connection.execute(write.returning(CITIES.c.slug))).first() is not None


async def known_cities(connection: AsyncConnection, slugs: Collection[str]) -> set[str]:
    """Those of these cities that geo has told of."""
    if not slugs:
        return set()
    return set((await connection.execute(select(CITIES.c.slug).where(CITIES.c.slug.in_(slugs)))).scalars())


async def lock_city(connection: AsyncConnection, slug: str) -> None:
    """Lock a city's row."""
    await connection.execute(select(CITIES.c.slug).where(CITIES.c.slug == slug).with_for_update())


async def drop_city(connection: AsyncConnection, slug: str) -> None:
    """A city that geo does not know."""
    await connection.execute(delete(CITIES).where(CITIES.c.slug == slug))


async def city(connection: AsyncConnection, slug: str) -> Row[Any] | None:
    """A city as geo told it."""
    return (await connection.execute(select(CITIES).where(CITIES.c.slug == slug))).first()


async def count_by_reason(connection: AsyncConnection) -> dict[str, int]:
    """How many spaces there are by the reason of their Bookable condition."""
    reason = SPACES.c.bookable_reason
    query = select(reason, func.count()).where(~SPACES.c.removed).group_by(reason)
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}
