"""Whose run begins when a process is free: namespaces take turns, however many runs one of them has waiting."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

from mesto.contracts.scraping import ARGUMENT
from scrapyd.interfaces import ISpiderQueue
from scrapyd.spiderqueue import SqliteSpiderQueue
from zope.interface import implementer

RUNNING: Counter[str] = Counter()
"""How many processes each namespace has; the launcher counts."""


def namespace_of(message: Mapping[str, Any]) -> str:
    """Return the namespace of the target that a job is for; empty for a job that is no run of ours."""
    try:
        return str(json.loads(message[ARGUMENT])["namespace"])
    except (LookupError, TypeError, ValueError):
        return ""


@implementer(ISpiderQueue)
class Turns(SqliteSpiderQueue):  # type: ignore[misc]
    """Scrapyd's queue, from which that job comes first whose namespace has the fewest processes.

    Among equals it is the namespace that was given one the longest ago, within it the job that came first.
    """

    def __init__(self, config: Any, project: str, table: str = "spider_queue") -> None:
        super().__init__(config, project, table)
        self._numbers = count(1)
        self._given: dict[str, int] = {}
        self._namespaces: dict[int, str] = {}
        """Of the jobs that wait: an order may have 100 kB, so each is read once."""

    def pop(self) -> dict[str, Any] | None:
        """Return the job whose turn it is; None when there is none."""
        waiting = [row for (row,) in self._execute("SELECT id FROM {} ORDER BY id")]
        self._namespaces = {row: self._namespaces.get(row) or namespace_of(self._message(row)) for row in waiting}
        if not waiting:
            return None
        chosen = min(waiting, key=self._place)
        message, namespace = self._message(chosen), self._namespaces.pop(chosen)
        self._execute("DELETE FROM {} WHERE id = ?", chosen)
        self.q.conn.commit()
        self._given[namespace] = next(self._numbers)
        return message

    def _place(self, row: int) -> tuple[int, int, int]:
        namespace = self._namespaces[row]
        return RUNNING[namespace], self._given.get(namespace, 0), row

    def _message(self, row: int) -> dict[str, Any]:
        ((message,),) = self._execute("SELECT message FROM {} WHERE id = ?", row)
        found: dict[str, Any] = self.q.decode(message)
        return found

    def _execute(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.q.conn.execute(statement.format(self.q.table), values).fetchall()
        return found
