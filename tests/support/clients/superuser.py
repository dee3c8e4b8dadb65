"""SQL as the superuser of one database: for looking, and for planting what no API can make."""

from __future__ import annotations

import select
import threading
from typing import Any

import psycopg


class Superuser:
    """Keeps its connection: a new one takes 13 ms of CPU, and those who wait for a row look ten times a second."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None
        self._mutex = threading.Lock()

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Rows of a statement, which commits by itself. Raises psycopg.OperationalError while PostgreSQL is away."""
        with self._mutex:
            cursor = self._connected().execute(statement, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _connected(self) -> psycopg.Connection[Any]:
        # Whose server has ended since reads the end of the connection.
        if self._connection is None or self._connection.closed or select.select([self._connection], [], [], 0)[0]:
            self.close()
            # Not prepared: the plan of what a test alters would be an old one.
            self._connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=None)
        return self._connection

    def close(self) -> None:
        """Ends the connection; the next statement makes a new one."""
        if self._connection is not None:
            self._connection.close()
