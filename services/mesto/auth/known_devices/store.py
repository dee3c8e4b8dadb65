"""SQL of known devices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.auth.known_devices.tables import KNOWN_DEVICES
from mesto.common.database.pruning import batch_of
from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

_c = KNOWN_DEVICES.c


async def exists(connection: AsyncConnection, digest: bytes, account_id: UUID) -> bool:
    """Return whether an account was signed in on a device."""
    statement = select(_c.hash).where(_c.hash == digest, _c.account_id == account_id)
    return (await connection.execute(statement)).first() is not None


async def mark_used(connection: AsyncConnection, digest: bytes, account_id: UUID, now: datetime) -> bool:
    """Note that an account is signed in on a device that it knows; return whether it does know it."""
    known = (_c.hash == digest) & (_c.account_id == account_id)
    return (await connection.execute(update(KNOWN_DEVICES).where(known).values(used_at=now))).rowcount > 0


async def insert_device(connection: AsyncConnection, digest: bytes, account_id: UUID) -> None:
    """Keep a device of an account."""
    statement = postgresql.insert(KNOWN_DEVICES).values(hash=digest, account_id=account_id)
    await connection.execute(statement.on_conflict_do_nothing())


async def copy_accounts(connection: AsyncConnection, old: bytes, new: bytes, besides: UUID, most: int) -> None:
    """Let others whom a device is known to, the last ``most`` of them, know it by another token too."""
    others = select(literal(new, _c.hash.type), _c.account_id, _c.created_at, _c.used_at)
    others = others.where(_c.hash == old, _c.account_id != besides).order_by(_c.used_at.desc()).limit(most)
    names = ["hash", "account_id", "created_at", "used_at"]
    await connection.execute(insert(KNOWN_DEVICES).from_select(names, others))


async def delete_others(connection: AsyncConnection, kept: bytes, account_id: UUID) -> None:
    """Forget the devices of an account, but for one."""
    others = (_c.account_id == account_id) & (_c.hash != kept)
    await connection.execute(delete(KNOWN_DEVICES).where(others))


async def delete_unused(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of devices that were used before then for the last time; return how many."""
    return (await connection.execute(batch_of(KNOWN_DEVICES, _c.used_at < before))).rowcount
