"""Whether the payments of bookings are what they must be."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mesto.booking.payment_audit import store
from mesto.booking.payment_audit.rules import Account, faults
from mesto.common.consistency.checks import Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page
from mesto.common.database.engine import Database
from sqlalchemy.ext.asyncio import AsyncConnection


def payments_check(database: Database) -> LocalCheck:
    """Return the check of payments against statuses and terms; nothing puts it right but people."""
    return LocalCheck("payments", database, _page, _again)


async def _page(connection: AsyncConnection, after: UUID | None) -> Page:
    accounts = await store.list_accounts(connection, after)
    return Page(len(accounts), _suspects(accounts), accounts[-1][0] if len(accounts) == store.PAGE else None)


async def _again(connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
    return _suspects(await store.list_accounts(connection, None, [UUID(suspect.id) for suspect in suspects]))


def _suspects(accounts: Sequence[tuple[UUID, Account]]) -> list[Discrepancy]:
    found = [(key, "; ".join(faults(account))) for key, account in accounts]
    return [Discrepancy(str(key), "unsettled", sentence) for key, sentence in found if sentence]
