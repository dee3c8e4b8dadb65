"""SQL of where spaces are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from geoalchemy2 import Geometry
from mesto.contracts.events import SpaceChanged
from mesto.geo.locations import rules
from mesto.geo.locations.records import Misplaced, SpaceLocation, StatedPosition
from mesto.geo.locations.rules import Place
from mesto.geo.locations.tables import POSITIONS
from pydantic import TypeAdapter
from sqlalchemy import BigInteger, ColumnElement, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_PLACE = TypeAdapter(Place)

# One statement finds out where spaces are and keeps what is new, for one space as for a whole city: the nearest five
# stops (one for each name and line) within the radius, the smallest district of the city that covers the point.
# A space that another transaction has just moved or removed has a newer revision and is left to that one.
# :spaces is NULL for all spaces of the cities; :always also touches a space whose place is the same as before.
# What may be wrong is noted only where it is: that a space is more than :far metres from its city's centre and outside
# the extent of its districts, and that its zone and its city's, a pair of :theirs and :ours, have different clocks.
_FOUND = """WITH found AS (
        SELECT p.space_id, p.space_revision, p.reason AS old_reason,
               CASE WHEN c.slug IS NULL THEN 'UnknownCity' WHEN d.slug IS NULL THEN 'NoDistrict'
                    ELSE 'Located' END AS reason,
               jsonb_build_object(
                   'city', CASE WHEN c.slug IS NOT NULL THEN jsonb_build_object('slug', c.slug, 'name', c.name) END,
                   'district', CASE WHEN d.slug IS NOT NULL THEN jsonb_build_object('slug', d.slug, 'name', d.name) END,
                   'transit', coalesce(t.stops, '[]'::jsonb)) || coalesce(f.far, '{}') || coalesce(z.clock, '{}')
                   AS located
        FROM geo.positions p
        LEFT JOIN geo.cities c ON c.slug = p.city AND c.declared
        LEFT JOIN LATERAL (
            SELECT slug, name FROM geo.districts
            WHERE city = c.slug AND ST_Covers(area, p.position::geometry)
            ORDER BY level = 'okrug', ST_Area(area), slug LIMIT 1
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('name', name, 'line', line, 'color', color, 'metres', round(metres))
                             ORDER BY metres, name, line) AS stops
            FROM (
                SELECT * FROM (
                    SELECT DISTINCT ON (name, line) name, line, color, ST_Distance(position, p.position) AS metres
                    FROM geo.stops
                    WHERE city = c.slug AND ST_DWithin(position, p.position, :radius)
                    ORDER BY name, line, metres
                ) one_each ORDER BY metres, name, line LIMIT 5
            ) nearest
        ) t ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_build_object('far', jsonb_build_object(
                'km', round(away / 1000), 'position', jsonb_build_array(ST_Y(point), ST_X(point)),
                'center', jsonb_build_array(c.latitude, c.longitude))) AS far
            FROM (
                SELECT p.position::geometry AS point,
                       ST_Distance(p.position, ST_MakePoint(c.longitude, c.latitude)::geography) AS away
            ) measured
            WHERE d.slug IS NULL AND away > :far AND NOT EXISTS (
                SELECT FROM (SELECT ST_Extent(area) AS box FROM geo.districts WHERE city = c.slug) extent
                WHERE ST_SetSRID(box::geometry, 4326) && point
            )
        ) f ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_build_object('clock', jsonb_build_object('space', theirs, 'city', ours)) AS clock
            FROM unnest(CAST(:theirs AS text[]), CAST(:ours AS text[])) AS pair (theirs, ours)
            WHERE theirs = p.time_zone AND ours = c.time_zone LIMIT 1
        ) z ON true
        WHERE NOT p.removed AND p.city = ANY(:cities)
          AND (CAST(:spaces AS uuid[]) IS NULL OR p.space_id = ANY(CAST(:spaces AS uuid[])))
    )
"""
_LOCATE = text(f"""
    {_FOUND}
    UPDATE geo.positions p SET located = found.located, reason = found.reason, revision = p.revision + 1
    FROM found
    WHERE p.space_id = found.space_id AND p.space_revision = found.space_revision
      AND (:always OR p.located IS DISTINCT FROM found.located OR p.reason IS DISTINCT FROM found.reason)
    RETURNING p.space_id, p.space_revision, p.revision, p.city, p.located AS place, p.reason,
              found.old_reason AS reason_before
""")  # noqa: S608 - the only thing put in is a constant
_MISPLACED = text(f"""
    {_FOUND}
    SELECT p.space_id, p.reason, found.reason AS right_reason FROM geo.positions p JOIN found USING (space_id)
    WHERE p.located IS DISTINCT FROM found.located OR p.reason IS DISTINCT FROM found.reason
""")  # noqa: S608 - the only thing put in is a constant


async def locate(
    connection: AsyncConnection,
    cities: Sequence[str],
    radius: int,
    *,
    spaces: Sequence[UUID] | None = None,
    always: bool = False,
) -> list[SpaceLocation]:
    """Find out anew where the spaces of these cities are (or just these spaces); return those that moved.

    With ``always`` all of them are returned, with a revision of their own each.
    """
    parameters = await _parameters(connection, cities, radius, spaces)
    rows = (await connection.execute(_LOCATE, parameters | {"always": always})).mappings()
    return [SpaceLocation(**{**row, "place": _PLACE.validate_python(row["place"])}) for row in rows]


async def list_misplaced(connection: AsyncConnection, radius: int, spaces: Sequence[UUID]) -> list[Misplaced]:
    """Return those of these spaces whose place is not what would be found now: none when all is well."""
    cities = await list_cities(connection, spaces)
    parameters = await _parameters(connection, cities, radius, spaces)
    return [Misplaced(**row) for row in (await connection.execute(_MISPLACED, parameters)).mappings()]


_ZONES = text("""
    SELECT DISTINCT p.time_zone AS theirs, c.time_zone AS ours
    FROM geo.positions p JOIN geo.cities c ON c.slug = p.city AND c.declared
    WHERE NOT p.removed AND p.city = ANY(:cities) AND p.time_zone <> c.time_zone
      AND (CAST(:spaces AS uuid[]) IS NULL OR p.space_id = ANY(CAST(:spaces AS uuid[])))
""")


async def _parameters(
    connection: AsyncConnection, cities: Sequence[str], radius: int, spaces: Sequence[UUID] | None
) -> dict[str, object]:
    """Return the parameters of ``_FOUND``. Clocks are compared here: time zones have the same rules everywhere then."""
    chosen = {"cities": list(cities), "spaces": None if spaces is None else list(spaces)}
    today = datetime.now(UTC).date()
    pairs = (await connection.execute(_ZONES, chosen)).all()
    odd = [pair for pair in pairs if not rules.same_clock(pair.theirs, pair.ours, today)]
    zones = {"theirs": [pair.theirs for pair in odd], "ours": [pair.ours for pair in odd]}
    return chosen | zones | {"radius": float(radius), "far": float(rules.FAR_METRES)}


async def upsert_position(
    connection: AsyncConnection, event: SpaceChanged, *, force: bool = False, restored: bool = False
) -> bool:
    """Store where a space says it is; return False when this or a newer revision was seen, unless by ``force``.

    ``restored``: our own revision of the place may be lost, so it goes on from the clock, beyond any that was told.
    """
    point = f"SRID=4326;POINT({event.location.longitude!r} {event.location.latitude!r})"
    values: dict[str, object] = {
        "space_revision": event.revision,
        "removed": False,
        "city": event.city,
        "time_zone": event.time_zone,
        "position": point,
    }
    beyond = {"revision": func.extract("epoch", func.clock_timestamp()).cast(BigInteger)} if restored else {}
    statement = insert(POSITIONS).values(space_id=event.space_id, **values, **beyond)
    changes: dict[str, object] = {name: statement.excluded[name] for name in values}
    if restored:
        changes["revision"] = func.greatest(POSITIONS.c.revision, statement.excluded.revision)
    statement = statement.on_conflict_do_update(
        index_elements=[POSITIONS.c.space_id],
        set_=changes,
        where=None if force else POSITIONS.c.space_revision < statement.excluded.space_revision,
    )
    return (await connection.execute(statement.returning(POSITIONS.c.space_id))).first() is not None


async def lock_position(connection: AsyncConnection, space_id: UUID) -> None:
    """Lock a position's row."""
    await connection.execute(select(POSITIONS.c.space_id).where(POSITIONS.c.space_id == space_id).with_for_update())


async def delete_position(connection: AsyncConnection, space_id: UUID, revision: int, *, force: bool = False) -> None:
    """Mark a space as gone, also one that was never seen; older events about it change nothing, unless by ``force``."""
    values = {"space_revision": revision, "removed": True, "position": None, "located": None, "reason": None}
    statement = insert(POSITIONS).values(space_id=space_id, city="", **values)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[POSITIONS.c.space_id],
            set_={name: statement.excluded[name] for name in values},
            where=None if force else POSITIONS.c.space_revision < statement.excluded.space_revision,
        )
    )


async def list_located(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> list[SpaceLocation]:
    """Return where spaces were found to be, by their ids: after one, or just these."""
    columns = POSITIONS.c
    statement = (
        select(
            columns.space_id,
            columns.space_revision,
            columns.revision,
            columns.city,
            columns.located.label("place"),
            columns.reason,
        )
        .where(~columns.removed, columns.reason.is_not(None))
        .order_by(columns.space_id)
    )
    if ids:
        statement = statement.where(columns.space_id.in_(ids))
    else:
        statement = (statement.where(columns.space_id > after) if after else statement).limit(limit)
    rows = (await connection.execute(statement)).mappings()
    return [SpaceLocation(**{**row, "place": _PLACE.validate_python(row["place"])}) for row in rows]


async def list_cities(connection: AsyncConnection, spaces: Sequence[UUID] | None = None) -> list[str]:
    """Return the slugs that spaces (or these of them) name as their city, declared or not."""
    statement = select(POSITIONS.c.city).where(~POSITIONS.c.removed).distinct()
    if spaces is not None:
        statement = statement.where(POSITIONS.c.space_id.in_(spaces))
    return sorted((await connection.execute(statement)).scalars())


async def list_ids(connection: AsyncConnection, after: UUID | None, limit: int) -> list[UUID]:
    """Return the ids of spaces that have a position, in their order, after one."""
    statement = select(POSITIONS.c.space_id).where(~POSITIONS.c.removed).order_by(POSITIONS.c.space_id).limit(limit)
    statement = statement.where(POSITIONS.c.space_id > after) if after else statement
    return list((await connection.execute(statement)).scalars())


_POINT = cast(POSITIONS.c.position, Geometry)
_STATED = select(
    POSITIONS.c.space_id,
    POSITIONS.c.space_revision,
    POSITIONS.c.removed,
    POSITIONS.c.city,
    POSITIONS.c.time_zone,
    func.ST_Y(_POINT).label("latitude"),
    func.ST_X(_POINT).label("longitude"),
).order_by(POSITIONS.c.space_id)


async def list_stated(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[StatedPosition]:
    """Return what spaces say of their positions, by their ids; ``conditions`` are on ``POSITIONS``."""
    rows = (await connection.execute(_STATED.where(*conditions).limit(limit))).mappings()
    return [StatedPosition(**row) for row in rows]
