"""Which errors of a database would come again for the same statements."""

from __future__ import annotations

import asyncpg
import pytest
from mesto.common.database.engine import DatabaseUnavailable, is_permanent
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def _deadlock() -> DBAPIError:
    return DBAPIError("UPDATE", None, asyncpg.DeadlockDetectedError())


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (DatabaseUnavailable("silent"), False),
        (OperationalError("SELECT", None, OSError()), False),
        (InterfaceError("SELECT", None, OSError()), False),
        (PoolTimeout("no connection came back"), False),
        (ConnectionRefusedError(), False),
        (_deadlock(), False),
        (IntegrityError("INSERT", None, asyncpg.UniqueViolationError()), True),
        (DBAPIError("SELECT", None, asyncpg.DivisionByZeroError()), True),
        (ValueError("a bug"), True),
    ],
)
def test_a_fault_is_ours_unless_the_database_is_away_or_others_stand_in_the_way(error: Exception, ours: bool) -> None:
    assert is_permanent(error) is ours
