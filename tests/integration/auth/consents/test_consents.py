"""Consents: to which version of which text, when and where; what has changed since is told."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from mesto.contracts.platform_texts import text_version
from support.servers.auth import Stage, bearer

UID = str(uuid.uuid4())


async def declare(auth: Stage, name: str = "terms", words: str = "First.", **options: Any) -> str:
    """Declare a text; return its version."""
    body = {"uid": UID, "generation": 1, "en": words, **options}
    answer = await auth.operator.put(f"/internal/texts/{name}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == text_version(None, words)
    return text_version(None, words)


async def mine(auth: Stage, headers: dict[str, str]) -> dict[str, Any]:
    answer = await auth.http.get("/api/auth/me/consents", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def agree(auth: Stage, headers: dict[str, str], **consent: str) -> httpx.Response:
    return await auth.http.post("/api/auth/me/consents", headers=headers, json=consent)


async def test_consents_are_stored_with_the_account_by_version_time_and_page(auth: Stage) -> None:
    terms, privacy = await declare(auth), await declare(auth, "privacy")
    given = [{"text": "terms", "version": terms, "page": "/register"}, {"text": "privacy", "version": privacy}]
    assert (await auth.register(consents=given)).status_code == 201
    found = await mine(auth, bearer(await auth.login()))
    assert {(one["text"], one["version"], one["page"]) for one in found["items"]} == {
        ("terms", terms, "/register"),
        ("privacy", privacy, "/"),
    }
    assert found["due"] == []
    [(now, created)] = await auth.sql("SELECT max(given_at), max(created_at) FROM auth.consents, auth.accounts")
    assert now == created


async def test_who_registers_without_consents_is_neither_refused_nor_asked_where_nothing_is_required(
    auth: Stage,
) -> None:
    await declare(auth)
    assert (await auth.register()).status_code == 201
    assert await mine(auth, bearer(await auth.login())) == {"items": [], "due": []}


async def test_where_the_platform_requires_it_nobody_registers_without_the_current_version(auth: Stage) -> None:
    old = await declare(auth, required_to_register=True)
    new = await declare(auth, words="Second.", required_to_register=True)
    await declare(auth, "privacy")
    for consents in ([], [{"text": "terms", "version": old}], [{"text": "privacy", "version": new}]):
        refused = await auth.register(consents=consents)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "consent-needed")
        assert [error["field"] for error in refused.json()["errors"]] == ["consents"]
        assert "terms" in refused.json()["detail"]
    assert await auth.sql("SELECT 1 FROM auth.accounts") == []
    assert (await auth.register(consents=[{"text": "terms", "version": new}])).status_code == 201


async def test_the_owners_terms_are_required_of_owners_alone(auth: Stage) -> None:
    version = await declare(auth, "owner_terms", required_to_register=True)
    assert (await auth.register(role="owner")).status_code == 422
    assert (await auth.register(role="renter")).status_code == 201
    agreed = [{"text": "owner_terms", "version": version}]
    owner = await auth.register(email="olga@example.org", role="owner", consents=agreed)
    assert owner.status_code == 201


@pytest.mark.parametrize(
    ("consent", "field"),
    [
        ({"text": "terms", "version": "0" * 12}, "version"),
        ({"text": "help", "version": "…"}, "text"),
        ({"text": "imprint", "version": "0" * 12}, "text"),
        ({"text": "terms", "version": "latest"}, "version"),
        ({"text": "terms", "version": "…", "page": "/register?next=/x#y"}, "page"),
        ({"text": "terms", "version": "…", "page": "https://example.org"}, "page"),
    ],
)
async def test_what_cannot_be_agreed_to_is_named_at_its_field_and_makes_no_account(
    auth: Stage, consent: dict[str, str], field: str
) -> None:
    await declare(auth)
    body = consent | {"version": consent["version"].replace("…", await declare(auth, "help"))}
    await declare(auth, "terms", "First.")
    good = {"text": "terms", "version": text_version(None, "First.")}
    refused = await auth.register(consents=[good, body])
    assert refused.status_code == 422, refused.text
    assert [error["field"] for error in refused.json()["errors"]] == [f"consents.1.{field}"]
    assert await auth.sql("SELECT 1 FROM auth.accounts") == []
    await auth.register()
    later = await agree(auth, bearer(await auth.login()), **body)
    assert (later.status_code, [error["field"] for error in later.json()["errors"]]) == (422, [field])


async def test_what_changed_since_is_due_until_it_is_agreed_to(auth: Stage) -> None:
    first = await declare(auth)
    await auth.register(consents=[{"text": "terms", "version": first, "page": "/register"}])
    headers = bearer(await auth.login())
    second = await declare(auth, words="Second.")
    due = {"name": "terms", "version": second, "agreed_version": first}
    assert (await mine(auth, headers))["due"] == [due]
    for _ in range(2):  # agreeing twice is agreeing once
        answer = await agree(auth, headers, text="terms", version=second, page="/terms")
        assert answer.status_code == 201, answer.text
        found = answer.json()
        assert [(one["version"], one["page"]) for one in found["items"]] == [(second, "/terms"), (first, "/register")]
        assert found["due"] == []
    await declare(auth, words="First.")
    assert (await mine(auth, headers))["due"] == []


async def test_what_a_platform_comes_to_require_is_due_for_those_who_were_never_asked(auth: Stage) -> None:
    await auth.register()
    headers = bearer(await auth.login())
    version = await declare(auth, required_to_register=True)
    await declare(auth, "owner_terms", required_to_register=True)
    assert (await mine(auth, headers))["due"] == [{"name": "terms", "version": version, "agreed_version": None}]


async def test_consents_are_nobody_elses_and_go_with_the_account(auth: Stage) -> None:
    version = await declare(auth)
    await auth.register(consents=[{"text": "terms", "version": version}])
    await auth.register(email="bob@example.org")
    headers = bearer(await auth.login())
    assert (await mine(auth, bearer(await auth.login("bob@example.org"))))["items"] == []
    assert (await auth.http.get("/api/auth/me/consents")).status_code == 401
    assert (await agree(auth, {}, text="terms", version=version)).status_code == 401
    await auth.sql("DELETE FROM auth.accounts")
    assert await auth.sql("SELECT 1 FROM auth.consents") == []
    assert (await agree(auth, headers, text="terms", version=version)).status_code == 404


async def test_a_consent_can_be_read_against_its_text_for_as_long_as_the_platform_lasts(auth: Stage) -> None:
    version = await declare(auth)
    await auth.register(consents=[{"text": "terms", "version": version}])
    await auth.operator.delete("/internal/texts/terms", params={"uid": UID, "generation": 1})
    [consent] = (await mine(auth, bearer(await auth.login())))["items"]
    page = await auth.http.get(f"/api/auth/texts/{consent['text']}", params={"version": consent["version"]})
    assert page.json()["html"] == "<p>First.</p>\n"
