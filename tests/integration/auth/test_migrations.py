"""Accounts of older releases: what a migration does to them loses nobody."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import psycopg
from alembic import command
from argon2 import PasswordHasher
from mesto.auth.app import build
from mesto.auth.settings import AuthSettings
from mesto.common.database.migrate import alembic_config
from support.servers.session_servers import DatabaseUrls

PASSWORD = "korrekt-Pferd-7-batterie"
# Address, verified, year of registration. To the database's own lower() the last two are two addresses.
ACCOUNTS = [
    ("Anna@Example.org", False, 2024),
    ("vera@пример.рф", False, 2024),
    ("νικος@example.org", True, 2025),
    ("νικοσ@example.org", False, 2023),
]


async def test_accounts_get_the_common_form_of_their_addresses_and_all_can_still_sign_in(
    fresh_database_urls: DatabaseUrls, key_folders: Any
) -> None:
    config = alembic_config("auth", fresh_database_urls.owner("auth"))
    await asyncio.to_thread(command.downgrade, config, "0002")
    with psycopg.connect(fresh_database_urls.admin, autocommit=True) as connection:
        for email, verified, year in ACCOUNTS:
            connection.execute(
                "INSERT INTO auth.accounts (id, email, email_verified, name, locale, roles, password_hash, created_at)"
                " VALUES (gen_random_uuid(), %s, %s, 'Anna', 'ru', '{renter}', %s, make_date(%s, 1, 1))",
                (email, verified, PasswordHasher().hash(f"{PASSWORD} {email}"), year),
            )
        await asyncio.to_thread(command.upgrade, config, "head")
        keys = dict(connection.execute("SELECT email, email_key FROM auth.accounts").fetchall())
        names = connection.execute("SELECT DISTINCT key FROM auth.security_keys WHERE length(key) = 32").fetchall()
    assert len(names) == len(ACCOUNTS), "each has a key of its own in the security log"
    assert keys == {
        "Anna@Example.org": "anna@example.org",
        "vera@пример.рф": "vera@xn--e1afmkfd.xn--p1ai",
        "νικος@example.org": "νικοσ@example.org",  # verified, so it goes before the older one
        "νικοσ@example.org": None,
    }
    settings = AuthSettings(
        service="auth", database_url=fresh_database_urls["auth"], auth_key_dir=key_folders.auth_keys()
    )
    service = build(settings.model_copy(update={"internal_public_dir": key_folders.public_keys()}))
    transport = httpx.ASGITransport(service.public)
    async with httpx.AsyncClient(transport=transport, base_url="http://mesto.test") as http:
        for email, _, _ in ACCOUNTS:
            answer = await http.post("/api/auth/login", json={"email": email, "password": f"{PASSWORD} {email}"})
            assert answer.status_code == 200, (email, answer.text)
    for close in service.closers[1:]:
        await close()
