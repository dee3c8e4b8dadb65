"""What the holder of an account is told by mail when something about its safety has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from mesto.auth.tables import OUTBOX
from mesto.common.messaging.outbox import record
from mesto.contracts.events import SecurityNotice, UserSecurityNotice
from sqlalchemy.ext.asyncio import AsyncConnection

TIMELY = timedelta(days=7)
"""What could not be mailed for so long is not mailed any more."""


async def notify(
    connection: AsyncConnection,
    account_id: UUID,
    notice: SecurityNotice,
    *,
    device: str | None = None,
    to: str | None = None,
    token: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Have the holder of an account told of something that has just happened, within the caller's transaction.

    ``to`` is where the mail goes if not to the account's address; ``token`` is of the link that undoes it, until
    ``expires_at``. ``device`` must be words of ours: nothing that a client says of itself goes into mails.
    """
    now = datetime.now(UTC)
    event = UserSecurityNotice(
        user_id=account_id,
        notice=notice,
        to=to,
        token=token,
        at=now,
        device=device,
        expires_at=expires_at or now + TIMELY,
    )
    await record(connection, OUTBOX, [event])
