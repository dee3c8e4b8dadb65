"""What an owner's list of spaces has."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from uuid import UUID

import pytest
from mesto.common.identity.tokens import UserVerifier
from support.servers.booking import Signer
from support.servers.catalog import Stage, account

OWNER = "Owner@Example.org"
OWNER_ID, OTHER_ID = UUID(int=7), UUID(int=8)
Listed = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@pytest.fixture
def listed(catalog_stage: Stage) -> Iterator[Listed]:
    """The list as somebody who is signed in; the owner unless told otherwise."""
    signer = Signer()
    settings = catalog_stage.settings.model_copy(update={"auth_internal_url": signer.url})
    catalog_stage.service.public.state.user_verifier = UserVerifier.from_auth(settings)

    async def ask(status: int = 200, path: str = "", **claims: Any) -> dict[str, Any]:
        token = signer.token(**{"user_id": OWNER_ID, "email": OWNER, **claims})
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        answer = await catalog_stage.public.get(f"/api/catalog/owned-spaces{path}", headers=headers)
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    yield ask
    signer.close()


async def test_an_owner_finds_all_that_is_theirs_and_nobody_elses(catalog_stage: Stage, listed: Listed) -> None:
    stage = catalog_stage
    await stage.catalog.ownership.account_changed(account(OWNER_ID, OWNER))
    _, first = await stage.create(title={"ru": "Лофт"})
    _, hidden = await stage.create("hidden", published=False)
    left, _ = await stage.create("left")
    await stage.remove(left, "retain")
    await stage.create("another", owner_email="other@example.org")

    found = await listed()
    assert found["next_cursor"] is None
    own = {item["id"]: item for item in found["items"]}
    assert set(own) == {first["space_id"], hidden["space_id"]}
    shown = own[first["space_id"]]
    assert (shown["title"], shown["listed"], shown["managed_by"]) == ("Лофт", True, "CoworkingSpace moscow/loft")
    assert (own[hidden["space_id"]]["listed"], own[hidden["space_id"]]["bookable"]["reason"]) == (False, "Unpublished")
    pages = [await listed(path="?limit=1")]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(await listed(path=f"?limit=1&cursor={cursor}"))
    assert [item["id"] for page in pages for item in page["items"]] == sorted(own)
    assert (await listed(user_id=OTHER_ID))["items"] == [], "the address alone gives nothing"
    assert str((await listed(403, email_verified=False))["type"]).endswith("/email-unverified")
    assert (await listed(422, "?cursor=nonsense"))["errors"][0]["field"] == "cursor"
