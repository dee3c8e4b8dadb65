"""The platform's texts: the operator declares them, everybody reads them, and no version is ever lost."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
import sqlalchemy.exc
from mesto.contracts.platform_texts import text_version
from support.servers.auth import Stage

UID = str(uuid.uuid4())
TERMS = {"ru": "# Условия\n\nПервая редакция.", "en": "# Terms\n\nThe first edition."}


async def declare(auth: Stage, name: str = "terms", generation: int = 1, **body: Any) -> httpx.Response:
    declared = {"uid": UID, "generation": generation, **(body or TERMS)}
    return await auth.operator.put(f"/internal/texts/{name}", json=declared)


async def read(auth: Stage, name: str = "terms", language: str = "en", **query: str) -> httpx.Response:
    return await auth.http.get(f"/api/auth/texts/{name}", params=query, headers={"Accept-Language": language})


async def listed(auth: Stage, language: str = "en") -> list[dict[str, Any]]:
    answer = await auth.http.get("/api/auth/texts", headers={"Accept-Language": language})
    return list(answer.json()["items"])


async def test_a_text_that_is_declared_is_read_in_either_language(auth: Stage) -> None:
    assert await listed(auth) == []
    assert (await read(auth)).status_code == 404
    stored = await declare(auth, required_to_register=True, **TERMS)
    version = text_version(**TERMS)
    assert stored.json() == {
        "name": "terms",
        "version": version,
        "required_to_register": True,
        "uid": UID,
        "generation": 1,
    }
    for language, title, sentence in (("en", "Terms", "The first edition."), ("ru", "Условия", "Первая редакция.")):
        [summary] = await listed(auth, language)
        since = summary.pop("since")
        expected = {"name": "terms", "title": title, "language": language, "version": version}
        assert summary == {**expected, "agreed": True, "required_to_register": True}
        page = (await read(auth, language=language)).json()
        assert f"<p>{sentence}</p>" in page.pop("html")
        assert page == {**expected, "fallback": False, "current": True, "updated_at": since}


async def test_a_text_in_one_language_is_shown_in_the_other_and_says_so(auth: Stage) -> None:
    await declare(auth, "about", en="Without a heading.")
    page = (await read(auth, "about", "ru")).json()
    assert (page["language"], page["fallback"], page["title"]) == ("en", True, "Who we are")
    [summary] = await listed(auth, "ru")
    assert (summary["language"], summary["title"], summary["agreed"]) == ("en", "Who we are", False)


async def test_texts_are_listed_in_their_order_whatever_was_declared_first(auth: Stage) -> None:
    for name in ("about", "owner_terms", "privacy", "help", "terms"):
        assert (await declare(auth, name)).status_code == 200
    assert [text["name"] for text in await listed(auth)] == ["help", "terms", "privacy", "owner_terms", "about"]


async def test_every_version_can_be_read_after_the_next_and_after_the_text_is_gone(auth: Stage) -> None:
    first = (await declare(auth)).json()["version"]
    [before] = await listed(auth)
    second = (await declare(auth, generation=2, en="# Terms\n\nThe second edition.")).json()["version"]
    assert first != second
    assert (await read(auth)).json()["version"] == second
    old = (await read(auth, version=first)).json()
    assert (old["current"], old["updated_at"]) == (False, before["since"])
    assert "The first edition." in old["html"]
    again = (await declare(auth, generation=3)).json()["version"]
    assert again == first
    assert (await read(auth, version=first)).json()["current"] is True
    gone = await auth.operator.delete("/internal/texts/terms", params={"uid": UID, "generation": 4})
    assert gone.status_code == 204
    assert await listed(auth) == []
    assert (await read(auth)).status_code == 404
    assert "The second edition." in (await read(auth, version=second)).json()["html"]
    assert (await read(auth, version="0" * 12)).status_code == 404


async def test_the_database_itself_keeps_what_was_shown(auth: Stage) -> None:
    await declare(auth)
    for statement in ("UPDATE auth.text_versions SET en = 'Another'", "DELETE FROM auth.text_versions"):
        with pytest.raises(sqlalchemy.exc.DBAPIError, match="neither changed nor deleted"):
            await auth.sql(statement)


async def test_an_older_generation_neither_replaces_nor_withdraws_a_text(auth: Stage) -> None:
    await declare(auth, generation=5)
    stale = await declare(auth, generation=4, en="Old")
    assert (stale.status_code, stale.json()["type"].rpartition("/")[2]) == (409, "stale-generation")
    await auth.operator.delete("/internal/texts/terms", params={"uid": UID, "generation": 4})
    [state] = (await auth.operator.get("/internal/texts")).json()["items"]
    assert (state["version"], state["generation"]) == (text_version(**TERMS), 5)
    successor = {"uid": str(uuid.uuid4()), "generation": 1, "en": "A new resource."}
    assert (await auth.operator.put("/internal/texts/terms", json=successor)).status_code == 200


async def test_the_time_of_a_text_is_that_of_its_version(auth: Stage) -> None:
    await declare(auth)
    [before] = await listed(auth)
    await declare(auth, generation=2, required_to_register=True, **TERMS)
    [after] = await listed(auth)
    assert (after["since"], after["required_to_register"]) == (before["since"], True)
    await declare(auth, generation=3, en="Other words.")
    [changed] = await listed(auth)
    assert changed["since"] > before["since"]


async def test_what_is_unchanged_is_not_sent_again(auth: Stage) -> None:
    await declare(auth)
    for path, cache in (("/api/auth/texts", "public, no-cache"), ("/api/auth/texts/terms", "public, max-age=60")):
        first = await auth.http.get(path, headers={"Accept-Language": "en"})
        assert (first.headers["cache-control"], first.headers["vary"]) == (cache, "Accept-Language")
        known = {"Accept-Language": "en", "If-None-Match": first.headers["etag"]}
        assert (await auth.http.get(path, headers=known)).status_code == 304
        assert (await auth.http.get(path, headers=known | {"Accept-Language": "ru"})).status_code == 200
        await declare(auth, generation=2, en=f"Changed for {path}.")
        assert (await auth.http.get(path, headers=known)).status_code == 200
        await declare(auth, generation=2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ru": " \n", "en": None}, "body"),
        ({"en": "x" * 50_001}, "en"),
        ({"en": "nothing\x00"}, "en"),
        ({"en": "x", "of": "y"}, "of"),
    ],
)
async def test_a_text_that_cannot_be_shown_is_refused_and_the_old_one_stays(
    auth: Stage, body: dict[str, Any], field: str
) -> None:
    await declare(auth)
    refused = await declare(auth, generation=2, **body)
    assert refused.status_code == 422, refused.text
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert (await read(auth)).json()["version"] == text_version(**TERMS)


async def test_the_longest_text_is_taken(auth: Stage) -> None:
    longest = {"ru": "ж" * 50_000, "en": "😀" * 50_000}
    assert (await declare(auth, **longest)).status_code == 200


async def test_only_the_operator_declares_texts(auth: Stage) -> None:
    body = {"uid": UID, "generation": 1, **TERMS}
    assert (await auth.tools.put("/internal/texts/terms", json=body)).status_code == 403
    assert (await auth.tools.get("/internal/texts")).status_code == 403
    gone = await auth.tools.delete("/internal/texts/terms", params={"uid": UID, "generation": 1})
    assert gone.status_code == 403
    assert (await auth.operator.put("/internal/texts/imprint", json=body)).status_code == 422


async def test_lines_end_in_one_way_whatever_editor_has_written_them(auth: Stage) -> None:
    unix = (await declare(auth, en="# Terms\n\nWords.")).json()["version"]
    windows = (await declare(auth, en="\ufeff# Terms\r\n\r\nWords.")).json()["version"]
    assert unix == windows
    assert (await read(auth)).json()["title"] == "Terms"
