"""What is asked for every booking finds its rows by index, however many bookings a resource has had.

Servers keep plans that were made for any value. Such a plan can use a partial index only when the statement itself
names the statuses; with few rows a scan is right, so scans are made dear here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from mesto.booking.availability.service import count_free_seats
from mesto.booking.bookings import service
from mesto.booking.bookings import store as bookings
from mesto.booking.holds import store as holds
from mesto.booking.users.records import Owner
from mesto.common.database.engine import CompiledStatement, Database
from sqlalchemy import Connection, event, text
from support.servers.booking import Site

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
ASKED: list[tuple[str, Callable[[Any], Any]]] = [
    ("ix_bookings_held", lambda connection: bookings.lock_overdue_holds(connection, uuid4(), NOW, LATER, NOW)),
    ("ix_bookings_held", lambda connection: count_free_seats(connection, uuid4(), 60, NOW, LATER, NOW)),
    ("ix_bookings_seated", lambda connection: bookings.list_occupied(connection, uuid4(), NOW)),
    ("ix_bookings_seated", lambda connection: bookings.list_upcoming(connection, [uuid4()], NOW)),
    ("ix_bookings_seated", service.measure),
    ("ix_spaces_owner_id", lambda connection: of_an_owner(connection)),
]


async def of_an_owner(connection: Any) -> Any:
    owner = Owner(uuid4(), "owner@example.org")
    return await bookings.list_page(connection, renter=None, owner=owner, status=None, after=None, limit=20)


async def plans(site: Site, ask: Callable[[Any], Any]) -> list[str]:
    """The plans that the server keeps for what ``ask`` sends."""
    database, sent = Database(site.service_url, "plans", pool_size=1), list[str]()

    def note(_one: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    try:
        async with database.transaction() as connection:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            event.listen(connection.sync_connection, "before_cursor_execute", note)
            await ask(connection)
            event.remove(connection.sync_connection, "before_cursor_execute", note)
            driver: Any = (await connection.get_raw_connection()).driver_connection
            return [await generic(driver, statement) for statement in sent]
    finally:
        await database.close()


async def generic(driver: Any, statement: str) -> str:
    """The plan of a statement for any values."""
    await driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await driver.execute(f"PREPARE kept AS {statement}")
    count = await driver.fetchval("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'kept'")
    values = f"({', '.join(['NULL'] * count)})" if count else ""
    rows = await driver.fetch(f"EXPLAIN EXECUTE kept{values}")
    await driver.execute("DEALLOCATE kept")
    return "\n".join(row[0] for row in rows)


async def of_hot_path(site: Site, statement: CompiledStatement) -> str:
    """The plan of a statement that asyncpg sends itself."""
    seen: list[str] = []

    async def keep_plan(connection: Any) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        seen.append(await generic(driver, statement.sql))

    await plans(site, keep_plan)
    return seen[0]


@pytest.mark.parametrize(("index", "ask"), ASKED)
async def test_bookings_are_found_by_index(booking_site: Site, index: str, ask: Callable[[Any], Any]) -> None:
    found = await plans(booking_site, ask)
    assert any(index in plan for plan in found), found


async def test_a_hold_finds_those_that_have_run_out_by_index(booking_site: Site) -> None:
    assert "ix_bookings_held" in (plan := await of_hot_path(booking_site, holds.RESOURCE)), plan


async def test_a_budget_looks_at_the_renters_newest_bookings_only_and_at_nothing_without_limits(
    booking_site: Site,
) -> None:
    plan = await of_hot_path(booking_site, holds.RESOURCE_WITH_BUDGET)
    assert plan.count("Index Cond: ((user_id = $") == 4, plan
    assert plan.count("AND (created_at > $") == 2, plan
    assert (
        plan.count("Index Only Scan using ix_bookings_free") + plan.count("Index Scan using ix_bookings_free") == 2
    ), plan
    assert "user_id" not in await of_hot_path(booking_site, holds.RESOURCE)
