"""The worker forgets what is over, and needs no key that signs tokens."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import Celery
from mesto.auth.bootstrap import Housekeeping, build_housekeeping
from mesto.auth.worker import app
from mesto.common.settings import ServiceSettings
from support import forked
from support.servers.auth import Stage
from support.servers.session_servers import DatabaseUrls
from support.waiting import eventually

# An account that has one old and one young row in every table that the worker prunes.
ROWS = """
INSERT INTO auth.accounts (id, email, name, locale, roles, password_hash)
    VALUES ('00000000-0000-0000-0000-000000000001', 'a@example.org', 'A', 'ru', '{renter}', '');
INSERT INTO auth.rate_entries (subject, expires_at) VALUES ('x', now() - interval '1 s'), ('x', now() + interval '1 h');
INSERT INTO auth.occasions (subject, since, count) VALUES ('x', now() - interval '25 h', 1), ('y', now(), 1);
INSERT INTO auth.login_failures (subject, at) VALUES ('x', now() - interval '25 h'), ('x', now());
INSERT INTO auth.sessions (id, account_id, expires_at)
    SELECT gen_random_uuid(), id, now() + age * interval '1 day' FROM auth.accounts, unnest(ARRAY[-31, -29]) AS age;
INSERT INTO auth.refresh_tokens (hash, session_id) SELECT uuid_send(id), id FROM auth.sessions;
INSERT INTO auth.refresh_tokens (hash, session_id, used_at)
    SELECT 'used', id, now() - interval '31 days' FROM auth.sessions WHERE expires_at > now() - interval '30 days';
INSERT INTO auth.withdrawals (subject, at, xid)
    SELECT gen_random_uuid(), now() - age * interval '1 minute', 0 FROM unnest(ARRAY[66, 64]) AS age;
INSERT INTO auth.verifications (hash, account_id, email, expires_at)
    SELECT age::text::bytea, id, '', now() - age * interval '1 day' FROM auth.accounts, unnest(ARRAY[8, 6]) AS age;
INSERT INTO auth.known_devices (hash, account_id, used_at)
    SELECT age::text::bytea, id, now() - age * interval '1 day' FROM auth.accounts, unnest(ARRAY[366, 364]) AS age;
INSERT INTO auth.security_log (at, kind, address, user_agent, details, request_id, keep_until)
    SELECT now() - age * interval '1 day', 'signed_in', '', '', '{}', '', now() FROM unnest(ARRAY[366, 364]) AS age;
"""
TABLES = ("rate_entries", "occasions", "login_failures", "sessions", "refresh_tokens", "verifications", "withdrawals")
COUNTS = " UNION ALL ".join(
    f"SELECT '{table}', count(*) FROM auth.{table}" for table in (*TABLES, "known_devices", "security_log")
)


def housekeeping(urls: DatabaseUrls) -> Housekeeping:
    return build_housekeeping(ServiceSettings(service="auth", database_url=urls["auth"]))


async def fill(auth: Stage) -> None:
    for statement in ROWS.split(";")[:-1]:
        await auth.sql(statement)


async def test_what_is_old_goes_and_what_is_young_stays(auth: Stage, empty_database_urls: DatabaseUrls) -> None:
    await fill(auth)
    keeper = housekeeping(empty_database_urls)
    done = {"counts": 2, "attempts": 1, "sessions": 1, "links": 1, "devices": 1, "security_log": 1}
    done |= {"refresh_tokens": 1, "withdrawals": 1}
    assert await keeper.prune() == done
    assert {count for _, count in await auth.sql(COUNTS)} == {1}
    assert await keeper.prune() == dict.fromkeys(done, 0)
    await keeper.database.close()


async def test_what_cannot_be_pruned_hinders_no_other(
    auth: Stage, empty_database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(auth)

    async def broken() -> int:
        raise ValueError("cannot")

    keeper = housekeeping(empty_database_urls)
    monkeypatch.setitem(keeper.prunable, "counts", broken)  # type: ignore[arg-type]
    with pytest.raises(ExceptionGroup) as raised:
        await keeper.prune()
    assert raised.value.exceptions[0].__notes__ == ["while counts were pruned"]
    assert dict([tuple(row) for row in await auth.sql(COUNTS)])["security_log"] == 1
    await keeper.database.close()


def test_beat_sends_tasks_that_the_worker_knows() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == {"auth.prune"} <= set(app.tasks)


def test_the_process_prunes_when_beat_says_so(
    fresh_database_urls: DatabaseUrls, fresh_broker_url: str, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "MESTO_BROKER_URL": fresh_broker_url,
        "MESTO_AUTH_DATABASE_URL": fresh_database_urls["auth"],
    }
    command = [sys.executable, "-m", "celery", "-A", "mesto.auth.worker:app", "worker", "-P", "threads", "-c", "2"]
    more = ["-Q", "auth", "--without-gossip", "--without-mingle"]
    with psycopg.connect(fresh_database_urls.admin, autocommit=True) as connection:
        connection.execute(ROWS)
        worker = forked.start([*command, *more], environment=environment, cwd=tmp_path, log=tmp_path / "worker.log")
        try:
            celery = Celery(broker=fresh_broker_url, set_as_current=False)
            celery.send_task("auth.prune", queue="auth")
            celery.close()

            def counts() -> set[Any]:
                return {row[1] for row in connection.execute(COUNTS).fetchall()}

            eventually(lambda: counts() == {1}, "the worker to forget what is old")
        finally:
            worker.terminate()
            worker.wait(30)
