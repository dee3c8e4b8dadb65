"""Processes that are asked to stop while something is known to be in their hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from support.servers.booking import Signer

Locking = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def signer() -> Iterator[Signer]:
    signer = Signer()
    yield signer
    signer.close()


@pytest.fixture
def locked() -> Locking:
    """Holds a table, so that whoever needs it is in the middle of something until the block ends."""

    @contextmanager
    def lock(admin: str, table: str) -> Iterator[None]:
        with psycopg.connect(admin) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[arg-type]
            yield
            connection.rollback()

    return lock


@pytest.fixture
def waits() -> Callable[[str, str], bool]:
    """Whether a connection of this application waits for a lock."""

    def lock_awaited(admin: str, application: str) -> bool:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND application_name = %s"
        )
        with psycopg.connect(admin, autocommit=True) as connection:
            row: Any = connection.execute(statement, (application,)).fetchone()
        return bool(row[0])

    return lock_awaited
