"""What our code really sends to PostgreSQL, statement by statement, for a peer to send the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mesto.common.database.engine import Database
from sqlalchemy import event


@dataclass(frozen=True)
class Sent:
    """A statement and its arguments as the driver got them."""

    sql: str
    args: tuple[Any, ...]


class Capture:
    """Notes what goes over connections that a database opens from now on; transactions' own commands are left out."""

    def __init__(self, database: Database) -> None:
        self.sent: list[Sent] = []
        engine = database.engine.sync_engine
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "before_cursor_execute", self._by_sqlalchemy)

    def _by_sqlalchemy(self, _connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        row = values[0] if isinstance(values, list) else values
        self._note(statement, tuple(row))

    def _connected(self, connection: Any, _record: Any) -> None:
        # SQLAlchemy prepares its statements itself, past this logger: it sees what we send by asyncpg directly.
        connection.driver_connection.add_query_logger(self._by_driver)

    def _by_driver(self, query: Any) -> None:
        self._note(query.query, tuple(query.args or ()))

    def _note(self, statement: str, args: tuple[Any, ...]) -> None:
        if statement.strip().partition(" ")[0].rstrip(";").upper() not in ("", "BEGIN", "COMMIT", "ROLLBACK"):
            self.sent.append(Sent(statement, args))
