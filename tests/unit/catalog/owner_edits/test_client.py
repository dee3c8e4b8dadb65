"""Whoever verifies an address need not sign in again before they manage their spaces."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from mesto.catalog.owner_edits.client import AccountsClient
from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from mesto.common.settings import CommonSettings
from mesto.contracts.events import UserChanged
from mesto.contracts.snapshots import SnapshotPage

ID = uuid.uuid4()


class Auth:
    """Stands for auth's internal API."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def call(self, _method: str, _path: str, **options: Any) -> Any:
        assert options["params"] == {"id": str(ID)}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def page(email: str, verified: bool, user_id: uuid.UUID | None = None) -> dict[str, Any]:
    state = {"email": email, "email_verified": verified, "name": "O", "locale": "en", "roles": ["owner"]}
    event = UserChanged.model_validate({"user_id": user_id or ID, "revision": 2, **state})
    return SnapshotPage.of([event], None).model_dump(mode="json")


@pytest.mark.parametrize(
    ("answer", "email"),
    [
        (page("Owner@Example.org", verified=True), "Owner@Example.org"),
        ({"items": []}, None),
        ({"keys": []}, None),
        (page("owner@example.org", verified=True, user_id=uuid.uuid4()), None),
        (ServiceUnavailable("auth is away"), None),
        (RequestRejected(403, "forbidden", "", {}), None),
    ],
    ids=["known", "unknown", "no snapshot", "of another", "away", "refused"],
)
async def test_auth_is_asked_for_the_account_as_it_is_by_now(answer: Any, email: str | None) -> None:
    accounts = AccountsClient(CommonSettings())
    accounts.__dict__["auth"] = Auth(answer)
    found = await accounts.find(ID)
    assert (found.email if found else None) == email
