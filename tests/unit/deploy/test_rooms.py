"""What lint says of the files of rooms: each guard bites, wherever and by whatever name a thing is imported."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import rooms

REPO = Path(__file__).parents[3]
ROOM = "services/mesto/booking/pricing"


def faults(path: str, source: str) -> list[str]:
    return list(rooms.faults(path, source))


@pytest.mark.parametrize(
    "source",
    [
        *(
            f"import {name}"
            for name in ("sqlalchemy", "httpx", "requests", "aiohttp", "socket", "subprocess", "sqlite3")
        ),
        *(f"import {name}" for name in ("tenacity", "redis", "starlette", "fastapi", "anyio", "psycopg", "asyncpg")),
        *(f"import {name}" for name in ("geoalchemy2", "asyncio", "os", "urllib.request", "importlib", "pathlib")),
        "from urllib import request",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from httpx import Client",
        "def price() -> None:\n    import os",
        "from mesto.common.database.engine import Database",
        "from mesto.booking.holds import service",
        "from mesto.booking.holds.service import Holds",
        "from mesto.booking.holds.store import hold",
        "from mesto.booking.spaces.tables import SPACES",
        "from mesto.booking.quotes.api import router",
        "from mesto.booking.holds.service import rules",
        "words = open('words.txt')",
        "words = __import__('os')",
    ],
)
@pytest.mark.parametrize("path", [f"{ROOM}/rules.py", f"{ROOM}/rules/money.py"])
def test_rules_that_do_more_than_reckon_are_named(path: str, source: str) -> None:
    assert any("rules are pure" in fault for fault in faults(path, source)), source


def test_rules_that_reach_their_room_by_a_relative_import_are_named() -> None:
    for file, source in (("rules.py", "from .store import find"), ("rules/money.py", "from .. import service")):
        assert any("rules are pure" in fault for fault in faults(f"{ROOM}/{file}", source)), source


def test_rules_may_reckon_with_contracts_records_and_other_rules() -> None:
    source = (
        "from datetime import datetime\nfrom babel.plural import PluralRule\nfrom mesto.contracts.money import Money\n"
        "from mesto.booking.spaces.records import Space\nfrom mesto.booking.opening_hours import rules\n"
        "from mesto.booking.time_units.rules import Unit\ndef open(door: str) -> None: ...\n"
    )
    assert faults(f"{ROOM}/rules.py", source) == []
    assert faults(f"{ROOM}/service.py", "import asyncio\n") == []


@pytest.mark.parametrize(
    "returned",
    [
        *("Row[Any]", "Sequence[Row[tuple[int]]]", "RowMapping | None", "sqlalchemy.Row[Any]", "'list[RowMapping]'"),
        *("dict[str, object]", "dict[str, Any]", "list[dict[str, Any]]", "Mapping[str, object] | None"),
        *("Sequence[Mapping[str, typing.Any]]", "Any", "CursorResult[Any]", "R", "Found", "Optional[D[str, object]]"),
    ],
)
def test_a_row_that_leaves_a_store_is_named(returned: str) -> None:
    before = "from sqlalchemy import Row as R\nfrom typing import Dict as D\nFound = dict[str, object]\n"
    (fault,) = faults(f"{ROOM}/store.py", f"{before}async def find() -> {returned}: ...\n")
    assert "find returns" in fault
    (fault,) = faults(f"{ROOM}/store/prices.py", f"{before}class Prices:\n    def find(self) -> {returned}: ...\n")
    assert "find returns" in fault
    assert faults(f"{ROOM}/store.py", f"{before}async def _find() -> {returned}: ...\n") == []


def test_records_and_numbers_may_leave_a_store() -> None:
    for returned in ("Price | None", "dict[UUID, Price]", "dict[str, int]", "Select[tuple[object, ...]]", "None"):
        assert faults(f"{ROOM}/store.py", f"async def find() -> {returned}: ...\n") == []


FILES_WITHOUT_SQL = [
    *("api.py", "internal_api.py", "service.py", "permissions.py", "schemas.py", "events.py", "tasks.py", "client.py"),
    *("records.py", "providers/bank.py"),
]


@pytest.mark.parametrize("file", FILES_WITHOUT_SQL)
def test_sql_outside_of_stores_and_tables_is_named(file: str) -> None:
    for source in (
        "from sqlalchemy import text",
        "import sqlalchemy as sa",
        "from sqlalchemy.dialects.postgresql import insert",
        "def find() -> None:\n    from sqlalchemy import select",
        "from sqlalchemy.ext.asyncio import create_async_engine",
        "import asyncpg",
        "async def find(connection):\n    await connection.execute(PRICES.select())",
    ):
        assert any("SQL" in fault for fault in faults(f"{ROOM}/{file}", source)), source
    typing = (
        "from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine\nfrom sqlalchemy.exc import IntegrityError\n"
    )
    assert faults(f"{ROOM}/{file}", typing) == []


def test_sql_may_stand_in_stores_tables_and_migrations() -> None:
    for path in (f"{ROOM}/store.py", f"{ROOM}/tables.py", "services/mesto/booking/migrations/versions/0001_first.py"):
        assert faults(path, "from sqlalchemy import text\n") == []


@pytest.mark.parametrize(
    "source",
    [
        "from mesto.booking.holds.service import store",
        "from mesto.booking.holds.service import store as holds",
        "from mesto.booking.holds import store",
        "import mesto.booking.holds.store",
        "def find() -> None:\n    from mesto.booking.holds.store import hold",
        "from mesto.booking.holds import service\nservice.store.hold()",
        "from mesto.booking.holds import service as holds\nholds.store.hold()",
        "import mesto.booking.holds.service\nmesto.booking.holds.service.store.hold()",
        "from mesto.booking.pricing.service import store",
    ],
)
def test_a_store_in_another_rooms_hands_is_named(source: str) -> None:
    assert any("store is" in fault for fault in faults(f"{ROOM}/service.py", source)), source


@pytest.mark.parametrize("file", ["api.py", "internal_api.py", "events.py", "tasks.py", "permissions.py"])
def test_what_comes_in_past_the_service_is_named(file: str) -> None:
    for source in ("from mesto.booking.pricing import store", "from .store import find"):
        assert any("goes through the service" in fault for fault in faults(f"{ROOM}/{file}", source)), source


def test_a_store_serves_its_room_and_the_audit_of_its_service() -> None:
    assert faults(f"{ROOM}/service.py", "from mesto.booking.pricing import store\nstore.find()\n") == []
    audit = "services/mesto/booking/consistency.py"
    assert faults(audit, "from mesto.booking.pricing import store\n") == []
    assert faults(audit, "from mesto.catalog.spaces import store\n") != []


@pytest.mark.parametrize("name", ["utils", "helpers", "misc", "common"])
def test_a_name_that_says_nothing_is_named(name: str) -> None:
    for path in (
        f"services/mesto/common/http/{name}.py",
        f"services/mesto/booking/payments/providers/{name}.py",
        f"services/mesto/booking/{name}/rules.py",
        f"operator/mesto/operator/{name}.py",
        f"operator/mesto/cli/{name}.py",
        f"spiders/mesto/spiders/{name}.py",
    ):
        assert any("says nothing" in fault for fault in faults(path, "")), path
    assert faults("services/mesto/common/http/addresses.py", "") == []


def test_code_in_a_package_of_a_service_is_named() -> None:
    assert faults(f"{ROOM}/__init__.py", "\n") == []
    (fault,) = faults(f"{ROOM}/__init__.py", "from mesto.booking.pricing import service\n")
    assert "__init__.py" in fault


def test_any_by_another_name_is_named() -> None:
    for source in (
        "from typing import Any as A",
        "import typing\nA = typing.Any",
        "from typing import Any\nA: type = Any",
    ):
        (fault,) = faults(f"{ROOM}/service.py", source)
        assert "another name" in fault
    assert faults(f"{ROOM}/service.py", "from typing import Any\n") == []


PROBES = {
    "services/mesto/booking/quotes/service.py": ["mesto.operator.schema", "mesto.cli.output", "mesto.spiders.typed"],
    "services/mesto/common/sentences.py": ["mesto.spiders.typed"],
    "services/mesto/contracts/money.py": ["httpx", "sqlalchemy", "fastapi", "mesto.spiders.typed"],
}


def test_parts_that_reach_across_break_a_contract(tmp_path: Path) -> None:
    for part in ("services", "operator", "spiders"):
        for source in (REPO / part / "mesto").rglob("*.py"):
            copy = tmp_path / source.relative_to(REPO)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((REPO / "pyproject.toml").read_bytes())
    for path, modules in PROBES.items():
        with (tmp_path / path).open("a") as file:
            file.writelines(f"import {module}\n" for module in modules)
    # Without site's .pth files: they would add this checkout, whose modules of the same names might be read instead.
    parts = [str(tmp_path / part) for part in ("services", "operator", "spiders")]
    ran = subprocess.run(
        [sys.executable, "-S", "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join([*parts, sysconfig.get_path("purelib")])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    for path, modules in PROBES.items():
        importer = rooms.module_of(path)
        for module in modules:
            assert f"{importer} -> {module}" in ran.stdout, ran.stdout
