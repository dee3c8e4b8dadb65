"""SQL of the platform's texts."""

from __future__ import annotations

from uuid import UUID

from mesto.auth.texts.records import ShownText, TextVersion
from mesto.auth.texts.tables import TEXT_VERSIONS, TEXTS
from mesto.contracts.platform_texts import TextDelivery, TextName
from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_SHOWN = select(
    TEXTS.c.name,
    TEXTS.c.version,
    TEXTS.c.since,
    TEXTS.c.required_to_register,
    TEXTS.c.uid,
    TEXTS.c.generation,
    TEXT_VERSIONS.c.ru,
    TEXT_VERSIONS.c.en,
).select_from(TEXTS.join(TEXT_VERSIONS))


async def list_shown(connection: AsyncConnection) -> list[ShownText]:
    """Return all texts that are shown now."""
    return [ShownText(**row) for row in (await connection.execute(_SHOWN)).mappings()]


async def find_shown(connection: AsyncConnection, name: TextName) -> ShownText | None:
    """Return a text that is shown now, None when there is none."""
    row = (await connection.execute(_SHOWN.where(TEXTS.c.name == name))).mappings().first()
    return None if row is None else ShownText(**row)


async def find_version(connection: AsyncConnection, name: TextName, version: str) -> TextVersion | None:
    """Return a version of a text, whether it is shown now or was once; None when it never was."""
    columns = TEXT_VERSIONS.c
    statement = select(TEXT_VERSIONS).where(columns.name == name, columns.version == version)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else TextVersion(**row)


async def insert_version(
    connection: AsyncConnection, name: TextName, version: str, ru: str | None, en: str | None
) -> None:
    """Keep a version for good; nothing happens when it is there."""
    values = {"name": name, "version": version, "ru": ru, "en": en}
    await connection.execute(insert(TEXT_VERSIONS).values(values).on_conflict_do_nothing())


async def show_version(connection: AsyncConnection, name: TextName, version: str, delivery: TextDelivery) -> bool:
    """Show a version from now on; return False when a newer generation of the same resource has declared the text."""
    values = {
        "name": name,
        "version": version,
        "required_to_register": delivery.required_to_register,
        "uid": delivery.uid,
        "generation": delivery.generation,
    }
    stored, statement = TEXTS.c, insert(TEXTS).values(values)
    fresh = {column: statement.excluded[column] for column in values if column != "name"}
    since = case((stored.version == statement.excluded.version, stored.since), else_=func.now())
    upsert = statement.on_conflict_do_update(
        index_elements=[stored.name],
        set_=fresh | {"since": since},
        where=or_(stored.uid != delivery.uid, stored.generation <= delivery.generation),
    )
    return (await connection.execute(upsert.returning(stored.name))).first() is not None


async def hide(connection: AsyncConnection, name: TextName, uid: UUID, generation: int) -> bool:
    """Show a text no more; return False when it was not shown, or a newer generation has declared it."""
    current = or_(TEXTS.c.uid != uid, TEXTS.c.generation <= generation)
    statement = delete(TEXTS).where(TEXTS.c.name == name, current).returning(TEXTS.c.name)
    return (await connection.execute(statement)).first() is not None
