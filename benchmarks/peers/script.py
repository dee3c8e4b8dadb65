"""The statements that the bare booking endpoint sends, as captured from ours, with places for what differs."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Use:
    """The value of this name of the request in hand."""

    name: str


@dataclass(frozen=True)
class Step:
    """A statement; each argument is a constant or a ``Use``."""

    sql: str
    args: tuple[Any, ...]

    def values(self, request: dict[str, Any]) -> list[Any]:
        return [request[argument.name] if isinstance(argument, Use) else argument for argument in self.args]


@dataclass(frozen=True)
class Script:
    """All steps of a booking in order, and the body of an answer."""

    steps: tuple[Step, ...]
    body: bytes

    def save(self, path: Path) -> None:
        path.write_bytes(pickle.dumps(self))

    @classmethod
    def load(cls, path: Path) -> Script:
        found = pickle.loads(path.read_bytes())  # noqa: S301 - our own file of this run
        assert isinstance(found, Script)
        return found
