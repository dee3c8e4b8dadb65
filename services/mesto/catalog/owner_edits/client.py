"""What auth says by now of somebody of whom a token, or an event that is on its way, does not speak yet."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.settings import CommonSettings
from mesto.contracts.events import UserChanged
from mesto.contracts.snapshots import SnapshotPage
from pydantic import ValidationError

log = structlog.get_logger(__name__)
ASK_SECONDS = 1.0


class AccountsClient:
    """One per process; the connection is made with the first question."""

    def __init__(self, settings: CommonSettings) -> None:
        self._settings = settings

    @cached_property
    def auth(self) -> InternalClient:
        """Auth's internal API."""
        return InternalClient(self._settings, "catalog", "auth", connections=8)

    async def close(self) -> None:
        """Close the connection if there is one."""
        if "auth" in self.__dict__:
            await self.auth.close()

    async def find(self, user_id: UUID) -> UserChanged | None:
        """Return an account as auth knows it by now; None when it does not, or is away."""
        try:
            answer = await self.auth.call(
                "GET", "/internal/snapshot/users", params={"id": str(user_id)}, seconds=ASK_SECONDS
            )
            events = [statement.event() for statement in SnapshotPage.model_validate(answer).items]
        except (ServiceUnavailable, RequestRejected, ValidationError, KeyError) as error:
            log.warning("account_not_asked_about", error=repr(error))
            return None
        return next((event for event in events if isinstance(event, UserChanged) and event.user_id == user_id), None)
