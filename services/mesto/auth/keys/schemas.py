"""Bodies of the keys' API."""

from __future__ import annotations

from pydantic import BaseModel


class KeySet(BaseModel):
    """RFC 7517."""

    keys: list[dict[str, str]]
