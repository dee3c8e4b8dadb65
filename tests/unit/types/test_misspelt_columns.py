"""What a store returns is typed: a column that is misspelt where it is read is refused by mypy, not by a user."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import pytest
from mestolocal.paths import REPO
from mypy import api
from support.run import mypy_notes

READ = """
async def read_{name}(connection: AsyncConnection, identity: UUID) -> object:
    row = await {module}.{call}
    assert row is not None
    return row.{column}
"""
STORES = {
    # service: store, what is asked of it, a column, the same misspelt
    "auth": ("mesto.auth.accounts.store", "find(connection, identity)", "email_verified", "email_verifed"),
    "booking": ("mesto.booking.bookings.store", "find(connection, identity)", "expires_at", "expire_at"),
    "catalog": ("mesto.catalog.spaces.store", "find_by_uid(connection, identity)", "owner_email", "owner_emial"),
    "geo": ("mesto.geo.datasets.store", "find(connection, str(identity))", "loaded_at", "loadedAt"),
    "notifications": (
        "mesto.notifications.deliveries.store",
        "claim(connection, timedelta(0), identity)",
        "recipient.email_verified",
        "recipient.email_verifed",
    ),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy, by our own configuration, says of each reader; all in one run, by the notes of ``make lint``."""
    imports = [
        "from datetime import timedelta",
        "from uuid import UUID",
        *(f"import {module}" for module, *_ in STORES.values()),
    ]
    source = "\n".join([*imports, "from sqlalchemy.ext.asyncio import AsyncConnection", ""])
    readers: dict[int, str] = {}  # by the line that reads the column
    for service, (module, call, *columns) in STORES.items():
        for number, column in enumerate(columns):
            source += READ.format(name=f"{service}_{number}", module=module, call=call, column=column)
            readers[source.count("\n")] = f"{service}.{column}"
    snippet: Path = tmp_path_factory.mktemp("types") / "readers.py"
    snippet.write_text(source)
    notes = mypy_notes(snippet.parent / "notes")  # a copy: lint may write its own meanwhile
    notes.take()
    with chdir(REPO):
        output, errors, _ = api.run([str(snippet), "--no-error-summary", f"--cache-dir={notes.folder}"])
    assert not errors, errors
    parts = [line.partition(": error: ") for line in output.splitlines()]
    return {readers[int(where.rpartition(":")[2])]: message for where, _, message in parts}


@pytest.mark.parametrize("service", STORES)
def test_a_misspelt_column_is_refused_and_the_right_one_is_not(service: str, refusals: dict[str, str]) -> None:
    *_, column, misspelt = STORES[service]
    assert f"{service}.{column}" not in refusals
    assert f'has no attribute "{misspelt.rpartition(".")[2]}"' in refusals[f"{service}.{misspelt}"]
