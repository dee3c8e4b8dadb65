"""What auth says by now of somebody whose token was signed before they verified their address."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.identity import emails
from mesto.common.identity.tokens import Principal
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

    async def as_of_now(self, user: Principal) -> Principal:
        """Return the same person, verified when auth says so by now. While auth is away, what the token says."""
        if user.email_verified:
            return user
        asked = {"id": str(user.user_id)}
        try:
            answer = await self.auth.call("GET", "/internal/snapshot/users", params=asked, seconds=ASK_SECONDS)
            events = [statement.event() for statement in SnapshotPage.model_validate(answer).items]
        except (ServiceUnavailable, RequestRejected, ValidationError, KeyError) as error:
            log.warning("account_not_asked_about", error=repr(error))
            return user
        verified = any(
            isinstance(event, UserChanged) and event.email_verified and emails.same(event.email, user.email)
            for event in events
        )
        return replace(user, email_verified=verified)
