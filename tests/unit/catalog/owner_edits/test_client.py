"""Whoever verifies an address need not sign in again before they manage their spaces."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from mesto.catalog.owner_edits.client import AccountsClient
from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.common.identity.tokens import Principal
from mesto.common.settings import CommonSettings
from mesto.contracts.events import UserChanged
from mesto.contracts.snapshots import SnapshotPage

ID = uuid.uuid4()
USER = Principal(ID, uuid.uuid4(), "owner@example.org", email_verified=False, roles=frozenset({"owner"}))


class Auth:
    """Stands for auth's internal API; counts its questions."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, 0

    async def call(self, _method: str, _path: str, **options: Any) -> Any:
        self.asked += 1
        assert options["params"] == {"id": str(ID)}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def page(email: str, verified: bool) -> dict[str, Any]:
    state = {"email": email, "email_verified": verified, "name": "O", "locale": "en", "roles": ["owner"]}
    event = UserChanged.model_validate({"user_id": ID, "revision": 2, **state})
    return SnapshotPage.of([event], None).model_dump(mode="json")


@pytest.mark.parametrize(
    ("answer", "verified"),
    [
        (page("Owner@Example.org", verified=True), True),
        (page("owner@example.org", verified=False), False),
        (page("another@example.org", verified=True), False),
        ({"items": []}, False),
        ({"keys": []}, False),
        (ServiceUnavailable("auth is away"), False),
        (RequestRejected(403, "forbidden", "", {}), False),
    ],
)
async def test_auth_is_asked_whether_the_address_is_verified_by_now(answer: Any, verified: bool) -> None:
    accounts = AccountsClient(CommonSettings())
    accounts.__dict__["auth"] = Auth(answer)
    assert (await accounts.as_of_now(USER)).email_verified is verified


async def test_nobody_is_asked_about_who_is_verified() -> None:
    accounts, auth = AccountsClient(CommonSettings()), Auth({})
    accounts.__dict__["auth"] = auth
    known = Principal(ID, USER.session_id, USER.email, email_verified=True, roles=USER.roles)
    assert await accounts.as_of_now(known) is known
    assert auth.asked == 0
