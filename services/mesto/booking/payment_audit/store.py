"""SQL of bookings with their payments and the newest step of their history, for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from mesto.booking.payment_audit.rules import Account, Payment, Step
from mesto.booking.pricing.rules import tiers
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 500

# One statement, so that a payment and its booking are of one moment.
_ACCOUNTS = text("""
    SELECT b.id, b.status, b.revision, b.total, b.currency, b.refund, b.starts_at, b.cancellation, paid.payments,
           step.revision AS step, step.from_status, step.to_status, step.cause, step.at
    FROM booking.bookings b
    LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(status, amount::text, currency, refunded::text) ORDER BY created_at, id)
               AS payments
        FROM booking.payments WHERE booking_id = b.id
    ) paid ON true
    LEFT JOIN LATERAL (
        SELECT revision, from_status, to_status, cause, at FROM booking.booking_history
        WHERE booking_id = b.id ORDER BY revision DESC LIMIT 1
    ) step ON true
    WHERE (CAST(:after AS uuid) IS NULL OR b.id > CAST(:after AS uuid))
      AND (CAST(:ids AS uuid[]) IS NULL OR b.id = ANY(CAST(:ids AS uuid[])))
    ORDER BY b.id LIMIT :limit
""")


def _account(row: RowMapping) -> Account:
    payments = [
        Payment(status, Decimal(amount), currency, Decimal(refunded))
        for status, amount, currency, refunded in row["payments"] or ()
    ]
    step = None
    if row["step"] is not None:
        step = Step(row["step"], row["from_status"], row["to_status"], row["cause"], row["at"])
    return Account(
        status=row["status"],
        revision=row["revision"],
        total=row["total"],
        currency=row["currency"],
        refund=row["refund"],
        starts_at=row["starts_at"],
        tiers=tiers(row["cancellation"]),
        payments=payments,
        last=step,
    )


async def list_accounts(
    connection: AsyncConnection, after: UUID | None, ids: Sequence[UUID] | None = None
) -> list[tuple[UUID, Account]]:
    """Return a page of bookings after an id, or these."""
    values = {"after": after, "ids": None if ids is None else list(ids), "limit": PAGE}
    return [(row["id"], _account(row)) for row in (await connection.execute(_ACCOUNTS, values)).mappings()]
