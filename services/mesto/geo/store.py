"""All SQL of geo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mesto.contracts.events import SpaceChanged
from mesto.geo.domain import plausible
from mesto.geo.tables import CITIES, DATASETS, DISTRICTS, POSITIONS, STOPS
from sqlalchemy import BigInteger, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 500

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
    RETURNING p.space_id, p.space_revision, p.revision, p.city, p.located, p.reason, found.old_reason
""")  # noqa: S608 - the only thing put in is a constant
_MISPLACED = text(f"""
    {_FOUND}
    SELECT p.space_id, p.reason, found.reason AS right_reason FROM geo.positions p JOIN found USING (space_id)
    WHERE p.located IS DISTINCT FROM found.located OR p.reason IS DISTINCT FROM found.reason
""")  # noqa: S608 - the only thing put in is a constant


async def lock_city(connection: AsyncConnection, *cities: str, shared: bool = False) -> None:
    """Keep a city's data (exclusive) or a position in it (shared) from changing in another transaction.

    Without it a space placed by the old districts could be committed just after all spaces were placed anew.
    """
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    for city in sorted(set(cities)):
        await connection.execute(text(f"SELECT {name}(hashtextextended(:key, 0))"), {"key": f"mesto.geo.city:{city}"})


async def locate(
    connection: AsyncConnection,
    cities: Sequence[str],
    radius: int,
    *,
    spaces: Sequence[UUID] | None = None,
    always: bool = False,
) -> Sequence[Row[Any]]:
    """Find out anew where the spaces of these cities are (or just these spaces); rows that changed."""
    parameters = await _parameters(connection, cities, radius, spaces)
    return (await connection.execute(_LOCATE, parameters | {"always": always})).all()


async def misplaced(connection: AsyncConnection, radius: int, spaces: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Those of these spaces whose place is not what would be found now: none when all is well."""
    cities = await cities_of_positions(connection, spaces)
    parameters = await _parameters(connection, cities, radius, spaces)
    return (await connection.execute(_MISPLACED, parameters)).all()


_ZONES = text("""
    SELECT DISTINCT p.time_zone AS theirs, c.time_zone AS ours
    FROM geo.positions p JOIN geo.cities c ON c.slug = p.city AND c.declared
    WHERE NOT p.removed AND p.city = ANY(:cities) AND p.time_zone <> c.time_zone
      AND (CAST(:spaces AS uuid[]) IS NULL OR p.space_id = ANY(CAST(:spaces AS uuid[])))
""")


async def _parameters(
    connection: AsyncConnection, cities: Sequence[str], radius: int, spaces: Sequence[UUID] | None
) -> dict[str, Any]:
    """Those of ``_FOUND``. Clocks are compared here: the rules of time zones are the same in every service then."""
    chosen = {"cities": list(cities), "spaces": None if spaces is None else list(spaces)}
    today = datetime.now(UTC).date()
    pairs = (await connection.execute(_ZONES, chosen)).all()
    odd = [pair for pair in pairs if not plausible.same_clock(pair.theirs, pair.ours, today)]
    zones = {"theirs": [pair.theirs for pair in odd], "ours": [pair.ours for pair in odd]}
    return chosen | zones | {"radius": float(radius), "far": float(plausible.FAR_METRES)}


async def put_position(
    connection: AsyncConnection, event: SpaceChanged, *, force: bool = False, restored: bool = False
) -> bool:
    """Store where a space says it is; False when this or a newer revision was seen before, unless by ``force``.

    ``restored``: our own revision of the place may be lost, so it goes on from the clock, beyond any that was told.
    """
    point = f"SRID=4326;POINT({event.location.longitude!r} {event.location.latitude!r})"
    values: dict[str, Any] = {
        "space_revision": event.revision,
        "removed": False,
        "city": event.city,
        "time_zone": event.time_zone,
        "position": point,
    }
    beyond = {"revision": func.extract("epoch", func.clock_timestamp()).cast(BigInteger)} if restored else {}
    statement = insert(POSITIONS).values(space_id=event.space_id, **values, **beyond)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in values}
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


async def remove_position(connection: AsyncConnection, space_id: UUID, revision: int, *, force: bool = False) -> None:
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


async def placed(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> Sequence[Row[Any]]:
    """Positions that have been found, by their spaces' ids: after one, or just these."""
    statement = select(POSITIONS).where(~POSITIONS.c.removed, POSITIONS.c.reason.is_not(None))
    statement = statement.order_by(POSITIONS.c.space_id)
    if ids:
        return (await connection.execute(statement.where(POSITIONS.c.space_id.in_(ids)))).all()
    statement = statement.where(POSITIONS.c.space_id > after) if after else statement
    return (await connection.execute(statement.limit(limit))).all()


async def cities(connection: AsyncConnection, *, undeclared: bool = False) -> Sequence[Row[Any]]:
    """Cities by slug; with ``undeclared`` also those that are declared no longer."""
    statement = select(CITIES).order_by(CITIES.c.slug)
    return (await connection.execute(statement if undeclared else statement.where(CITIES.c.declared))).all()


async def city(connection: AsyncConnection, slug: str) -> Row[Any] | None:
    """A declared city."""
    return (await connection.execute(select(CITIES).where(CITIES.c.slug == slug, CITIES.c.declared))).first()


async def cities_of_positions(connection: AsyncConnection, spaces: Sequence[UUID] | None = None) -> list[str]:
    """Slugs that spaces (or these of them) name as their city, declared or not."""
    statement = select(POSITIONS.c.city).where(~POSITIONS.c.removed).distinct()
    if spaces is not None:
        statement = statement.where(POSITIONS.c.space_id.in_(spaces))
    return sorted((await connection.execute(statement)).scalars())


async def put_city(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert or replace a city."""
    statement = insert(CITIES).values(**values)
    changed = {name: statement.excluded[name] for name in values}
    await connection.execute(statement.on_conflict_do_update(index_elements=[CITIES.c.slug], set_=changed))


async def withdraw_city(connection: AsyncConnection, slug: str) -> None:
    """A city is declared no longer; its data stays for the day it comes back. Nobody is told, so its revision stays."""
    await connection.execute(update(CITIES).where(CITIES.c.slug == slug).values(declared=False))


async def dataset(connection: AsyncConnection, name: str) -> Row[Any] | None:
    """What is known of a dataset."""
    return (await connection.execute(select(DATASETS).where(DATASETS.c.name == name))).first()


async def replace_dataset(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Forget the dataset's features and note what is coming."""
    await connection.execute(delete(DATASETS).where(DATASETS.c.name == values["name"]))
    await connection.execute(DATASETS.insert().values(**values))


_PARENTS = text("""
    UPDATE geo.districts d SET parent = found.slug
    FROM (
        SELECT inner_one.id, okrug.slug FROM geo.districts inner_one LEFT JOIN LATERAL (
            SELECT slug FROM geo.districts outer_one
            WHERE outer_one.city = inner_one.city AND outer_one.level = 'okrug'
              AND ST_Intersects(outer_one.area, inner_one.area)
            ORDER BY ST_Area(ST_Intersection(outer_one.area, inner_one.area)) DESC, slug LIMIT 1
        ) okrug ON true
        WHERE inner_one.city = :city AND inner_one.level = 'district'
    ) found
    WHERE d.id = found.id AND d.parent IS DISTINCT FROM found.slug
""")


async def nest_districts(connection: AsyncConnection, city: str) -> None:
    """Note for each district of a city the okrug that holds most of it."""
    await connection.execute(_PARENTS, {"city": city})


_DIGESTS = {
    "districts": "slug, name::text, level, ST_AsBinary(area)",
    "stops": "name, coalesce(line, ''), coalesce(color, ''), ST_AsBinary(position)",
}


async def digest(connection: AsyncConnection, name: str, kind: str) -> str:
    """A hash of the stored rows of a dataset, in the order in which they came."""
    statement = text(f"""
        SELECT coalesce(md5(string_agg(md5(ROW({_DIGESTS[kind]})::text), '' ORDER BY id)), '')
        FROM geo.{kind} WHERE dataset = :name
    """)  # noqa: S608 - the only things put in are constants
    return str((await connection.execute(statement, {"name": name})).scalar_one())


async def note_dataset(connection: AsyncConnection, name: str, values: dict[str, Any]) -> None:
    """Change what is known of a dataset besides its features."""
    await connection.execute(update(DATASETS).where(DATASETS.c.name == name).values(**values))


async def remove_dataset(connection: AsyncConnection, name: str) -> None:
    """Forget a dataset and its features."""
    await connection.execute(delete(DATASETS).where(DATASETS.c.name == name))


async def district_slugs(connection: AsyncConnection, city: str) -> set[str]:
    """Slugs that are taken in a city."""
    return set((await connection.execute(select(DISTRICTS.c.slug).where(DISTRICTS.c.city == city))).scalars())


async def add_features(connection: AsyncConnection, kind: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert districts or stops."""
    table = DISTRICTS if kind == "districts" else STOPS
    for start in range(0, len(rows), BATCH):
        await connection.execute(table.insert(), list(rows[start : start + BATCH]))


async def versions(connection: AsyncConnection, city: str, kind: str) -> list[str]:
    """Checksums of the datasets that make up a city's layer."""
    statement = select(DATASETS.c.name, DATASETS.c.checksum).where(DATASETS.c.city == city, DATASETS.c.type == kind)
    return [f"{row.name}:{row.checksum}" for row in await connection.execute(statement.order_by(DATASETS.c.name))]


async def district_features(connection: AsyncConnection, city: str, tolerance: float) -> Sequence[Row[Any]]:
    """slug, name, level, parent, GeoJSON text of each district; outlines may be off by ``tolerance`` degrees."""
    statement = text("""
        SELECT slug, name, level, parent, ST_AsGeoJSON(ST_SimplifyPreserveTopology(area, :tolerance), 5) AS geometry
        FROM geo.districts WHERE city = :city ORDER BY slug
    """)
    return (await connection.execute(statement, {"city": city, "tolerance": tolerance})).all()


async def stop_features(connection: AsyncConnection, city: str) -> Sequence[Row[Any]]:
    """name, line, color, lat, lon of each stop."""
    statement = text("""
        SELECT name, line, color, ST_Y(position::geometry) AS lat, ST_X(position::geometry) AS lon
        FROM geo.stops WHERE city = :city ORDER BY line, id
    """)
    return (await connection.execute(statement, {"city": city})).all()


_POINT = "CAST(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geography)"


async def stops_near(
    connection: AsyncConnection, lat: float, lon: float, radius: float, limit: int
) -> Sequence[Row[Any]]:
    """Stops within ``radius`` metres, nearest first."""
    statement = text(f"""
        SELECT name, line, color, ST_Y(position::geometry) AS lat, ST_X(position::geometry) AS lon,
               round(ST_Distance(position, {_POINT})) AS metres
        FROM geo.stops WHERE ST_DWithin(position, {_POINT}, :radius) ORDER BY metres, name, line LIMIT :limit
    """)  # noqa: S608 - the only thing put in is a constant
    return (await connection.execute(statement, {"lat": lat, "lon": lon, "radius": radius, "limit": limit})).all()


async def spaces_near(
    connection: AsyncConnection, lat: float, lon: float, radius: float, limit: int
) -> Sequence[Row[Any]]:
    """Spaces within ``radius`` metres, nearest first."""
    statement = text(f"""
        SELECT space_id, round(ST_Distance(position, {_POINT})) AS metres
        FROM geo.positions WHERE NOT removed AND ST_DWithin(position, {_POINT}, :radius)
        ORDER BY metres, space_id LIMIT :limit
    """)  # noqa: S608 - the only thing put in is a constant
    return (await connection.execute(statement, {"lat": lat, "lon": lon, "radius": radius, "limit": limit})).all()
