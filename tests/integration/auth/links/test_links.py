"""Links by mail, whatever they are for."""

from __future__ import annotations

import hashlib

from mesto.auth.links.service import PastLinks
from support.servers.auth import Stage, problem


async def test_a_link_of_the_release_before_verifies_and_is_good_for_nothing_else(auth: Stage) -> None:
    """While services are rolled out, it writes links without a purpose."""
    await auth.register()
    for token in ("old", "older"):
        await auth.sql(
            "INSERT INTO auth.verifications (hash, account_id, email, expires_at)"
            f" SELECT '\\x{hashlib.sha256(token.encode()).hexdigest()}', id, email, now() + interval '1 hour'"
            " FROM auth.accounts"
        )
    for path, body in (
        ("recover/confirm", {"password": "Vier-Woerter-ohne-Sinn-9"}),
        ("me/email/confirm", {}),
        ("me/email/undo", {}),
    ):
        crossed = await auth.http.post(f"/api/auth/{path}", json={"token": "old", **body})
        assert problem(crossed) == (404, "link-unknown"), path
    assert (await auth.http.post("/api/auth/verify", json={"token": "old"})).status_code == 204
    assert problem(await auth.http.post("/api/auth/verify", json={"token": "older"})) == (410, "link-used")


async def test_links_of_a_removed_account_are_unknown_and_old_ones_are_forgotten(auth: Stage) -> None:
    await auth.register()
    await auth.http.post("/api/auth/recover", json={"email": "anna@example.org"})
    (token,) = await auth.tokens("user.recovery_requested")
    body = {"token": token, "password": "Vier-Woerter-ohne-Sinn-9"}
    await auth.sql("UPDATE auth.verifications SET expires_at = now() - interval '8 days' WHERE purpose = 'verify'")
    assert await PastLinks(auth.database).prune() == 1
    assert await auth.sql("SELECT purpose FROM auth.verifications") == [("recover",)]
    await auth.sql("DELETE FROM auth.accounts")
    assert problem(await auth.http.post("/api/auth/recover/confirm", json=body)) == (404, "link-unknown")


async def test_only_hashes_of_tokens_are_kept(auth: Stage) -> None:
    await auth.register()
    await auth.http.post("/api/auth/recover", json={"email": "anna@example.org"})
    tokens = await auth.tokens() + await auth.tokens("user.recovery_requested")
    kept = {bytes(row.hash) for row in await auth.sql("SELECT hash FROM auth.verifications")}
    assert kept == {hashlib.sha256(token.encode()).digest() for token in tokens}
    (whole,) = await auth.sql("SELECT string_agg(links::text, ' ') AS text FROM auth.verifications AS links")
    assert all(token not in whole.text for token in tokens)
