"""Cursor pages: opaque, signed by nothing, validated on the way in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from mesto.common.errors import FieldError, Problem


def encode_cursor(values: Sequence[object]) -> str:
    """Return an opaque cursor of JSON-able sort keys."""
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def wrong_cursor(message: str = "Not a cursor of this list: take next_cursor of its last page.") -> Problem:
    """Return a 422 for a cursor that is none of ours."""
    wrong = FieldError(field="cursor", message=message)
    return Problem(422, "invalid-request", "The cursor is not valid.", errors=[wrong])


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """Return the sort keys of a cursor. Raises Problem 422 when it is not one of ours or of another length."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise wrong_cursor()
    return values


def after_id(cursor: str) -> UUID | None:
    """Return the id that a list by id goes on behind, None from its beginning. Raises Problem 422."""
    if not cursor:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except (ValueError, TypeError, AttributeError) as error:
        raise wrong_cursor() from error
