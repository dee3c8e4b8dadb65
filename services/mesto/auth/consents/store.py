"""SQL of consents."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mesto.auth.consents.records import Consent, NewConsent
from mesto.auth.consents.tables import CONSENTS
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_consents(connection: AsyncConnection, account_id: UUID, consents: Sequence[NewConsent]) -> None:
    """Keep consents of an account; of one that was given before the first stays."""
    if not consents:
        return
    values = [
        {"account_id": account_id, "text": consent.text, "version": consent.version, "page": consent.page}
        for consent in consents
    ]
    await connection.execute(insert(CONSENTS).values(values).on_conflict_do_nothing())


async def list_consents(connection: AsyncConnection, account_id: UUID) -> list[Consent]:
    """Return all consents of an account, the last one first."""
    columns = CONSENTS.c
    statement = select(columns.text, columns.version, columns.page, columns.given_at)
    statement = statement.where(columns.account_id == account_id).order_by(columns.given_at.desc(), columns.id.desc())
    return [Consent(**row) for row in (await connection.execute(statement)).mappings()]
