"""SQL of ownership: accounts, the spaces that name their addresses, and who was invited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from mesto.catalog.ownership.records import Account, Invitee, NamedSpace
from mesto.catalog.ownership.rules import Tenure
from mesto.catalog.ownership.tables import ACCOUNTS, INVITATIONS
from mesto.catalog.spaces.tables import SPACES
from sqlalchemy import ColumnElement, Text, any_, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

_a, _s = ACCOUNTS.c, SPACES.c
_ACCOUNT = select(_a.user_id, _a.revision, _a.removed, _a.address, _a.email_verified, _a.spans)
_NAMED = select(_s.id, _s.owner_key, _s.owner_named_at, _s.owner_id)
_LOCK = (
    "SELECT pg_advisory_xact_lock{}(hashtextextended('owner ' || a, 0)) FROM unnest(CAST(:addresses AS text[])) AS a"
)
_LOCKS = {shared: text(_LOCK.format("_shared" if shared else "")) for shared in (False, True)}


async def lock_addresses(connection: AsyncConnection, addresses: Collection[str], *, shared: bool) -> None:
    """Make who says whose an address is, and who names it (``shared``), wait for each other, in one order.

    So neither misses what the other writes. Rows to lock need not be there yet, so it is no lock of rows.
    """
    if addresses:
        await connection.execute(_LOCKS[shared], {"addresses": sorted(addresses)})


async def lock_account(connection: AsyncConnection, user_id: UUID) -> Account | None:
    """Return an account, locked; None when it is not known."""
    statement = _ACCOUNT.where(_a.user_id == user_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else Account(**row)


async def upsert_account(connection: AsyncConnection, account: Account, *, force: bool = False) -> bool:
    """Store an account; return False when this revision or a newer one is already there, unless by ``force``."""
    values = {**vars(account), "addresses": account.addresses}
    statement = insert(ACCOUNTS).values(**values)
    changes = {name: statement.excluded[name] for name in values if name != "user_id"}
    newer = None if force else _a.revision < statement.excluded.revision
    guarded = statement.on_conflict_do_update(index_elements=[_a.user_id], set_=changes, where=newer)
    return (await connection.execute(guarded.returning(_a.user_id))).first() is not None


async def list_accounts(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[Account]:
    """Return accounts by their ids, removed ones too; ``conditions`` are on ``ACCOUNTS``."""
    statement = _ACCOUNT.where(*conditions).order_by(_a.user_id).limit(limit)
    return [Account(**row) for row in (await connection.execute(statement)).mappings()]


async def list_known(connection: AsyncConnection, user_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these accounts that are known, be it as removed."""
    return set((await connection.execute(select(_a.user_id).where(_a.user_id.in_(user_ids)))).scalars())


async def list_tenures(connection: AsyncConnection, addresses: Collection[str]) -> Mapping[str, list[Tenure]]:
    """Return by address who has verified it, and when it was theirs."""
    found: dict[str, list[Tenure]] = {address: [] for address in addresses}
    if found:
        statement = _ACCOUNT.where(_a.addresses.overlap(literal(list(found), ARRAY(Text))))
        for row in (await connection.execute(statement)).mappings():
            for address, tenure in Account(**row).tenures():
                if address in found:
                    found[address].append(tenure)
    return found


async def list_named(connection: AsyncConnection, addresses: Collection[str]) -> list[NamedSpace]:
    """Return the spaces whose resources name these addresses."""
    return await _list(connection, _s.owner_key == any_(literal(list(addresses), ARRAY(Text))))


async def list_owned(connection: AsyncConnection, user_id: UUID) -> list[NamedSpace]:
    """Return the spaces that belong to an account."""
    return await _list(connection, _s.owner_id == user_id)


async def list_page(connection: AsyncConnection, after: UUID | None, limit: int) -> list[NamedSpace]:
    """Return spaces by their ids, after one."""
    statement = _NAMED.where(~_s.removed).order_by(_s.id).limit(limit)
    rows = await connection.execute(statement.where(_s.id > after) if after else statement)
    return [NamedSpace(**row) for row in rows.mappings()]


async def list_these(connection: AsyncConnection, ids: Sequence[UUID]) -> list[NamedSpace]:
    """Return these spaces."""
    return await _list(connection, _s.id.in_(ids))


async def _list(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[NamedSpace]:
    statement = _NAMED.where(condition, ~_s.removed).order_by(_s.id)
    return [NamedSpace(**row) for row in (await connection.execute(statement)).mappings()]


async def list_undecided(connection: AsyncConnection, limit: int) -> list[UUID]:
    """Return spaces that name an owner and were written by the release before, which does not decide whose they are."""
    undecided = _s.owner_key.is_(None), _s.owner_email.is_not(None), ~_s.removed
    return list((await connection.execute(select(_s.id).where(*undecided).order_by(_s.id).limit(limit))).scalars())


async def list_uninvited(connection: AsyncConnection, age: timedelta, limit: int) -> list[Invitee]:
    """Return addresses that have been named for so long, by spaces of nobody, and that nobody has an account with.

    Each once, and none that was invited before.
    """
    address_hash = func.encode(func.sha256(func.convert_to(_s.owner_key, "UTF8")), "hex")
    account = select(_a.user_id).where(_a.address == _s.owner_key, ~_a.removed)
    invitation = select(INVITATIONS.c.address_hash).where(INVITATIONS.c.address_hash == address_hash)
    statement = (
        select(_s.owner_email.label("email"), address_hash.label("address_hash"), _s.id.label("space_id"), _s.title)
        .where(_s.managed, ~_s.removed, _s.owner_id.is_(None), _s.owner_key != "")
        .where(_s.owner_named_at < func.now() - age, ~account.exists(), ~invitation.exists())
        .ext(distinct_on(_s.owner_key))
        .order_by(_s.owner_key, _s.owner_named_at, _s.id)
        .limit(limit)
    )
    return [Invitee(**row) for row in (await connection.execute(statement)).mappings()]


async def insert_invitation(connection: AsyncConnection, address_hash: str) -> bool:
    """Note that an address is invited; return False when it was before."""
    statement = insert(INVITATIONS).values(address_hash=address_hash).on_conflict_do_nothing()
    return (await connection.execute(statement.returning(INVITATIONS.c.address_hash))).first() is not None
