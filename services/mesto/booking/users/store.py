"""SQL of users."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mesto.booking.users.records import Owner, User
from mesto.booking.users.tables import USERS
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, user: User, *, force: bool = False) -> bool:
    """Store a user; return False when this revision or a newer one is already there, unless by ``force``."""
    values = vars(user)
    statement = insert(USERS).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    newer = None if force else USERS.c.revision < statement.excluded.revision
    guarded = statement.on_conflict_do_update(index_elements=[USERS.c.id], set_=changes, where=newer)
    return (await connection.execute(guarded.returning(USERS.c.id))).first() is not None


async def lock(connection: AsyncConnection, user_id: UUID) -> None:
    """Lock a user's row."""
    await connection.execute(select(USERS.c.id).where(USERS.c.id == user_id).with_for_update())


async def list_by_id(connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[User]:
    """Return users by their ids; ``conditions`` are on ``USERS``."""
    statement = select(USERS).where(*conditions).order_by(USERS.c.id).limit(limit)
    return [User(**row) for row in (await connection.execute(statement)).mappings()]


async def find_owner(connection: AsyncConnection, user_id: UUID) -> Owner | None:
    """Return a user whose address is verified, as an owner."""
    known = and_(USERS.c.id == user_id, USERS.c.email_verified, USERS.c.removed.is_(False))
    row = (await connection.execute(select(USERS.c.id, USERS.c.email).where(known))).mappings().first()
    return None if row is None else Owner(**row)


async def is_unverified_owner(connection: AsyncConnection, user_id: UUID) -> bool:
    """Return whether somebody registered as an owner and has not verified their address yet."""
    known = and_(USERS.c.id == user_id, USERS.c.email_verified.is_(False), USERS.c.roles.contains(["owner"]))
    return (await connection.execute(select(USERS.c.id).where(known))).first() is not None
