"""SQL of what services say of spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from mesto.catalog.answers.records import Conclusion, Placement, ServiceWords
from mesto.catalog.spaces.tables import SPACES
from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_ANSWERS = ("applied", "bookable_reason", "listing", "located", "located_revision", "district")
_SAVE_ANSWERS = (
    update(SPACES)
    .where(SPACES.c.id == bindparam("space_id"))
    .values(updated_at=func.now(), **{name: bindparam(name, type_=SPACES.c[name].type) for name in _ANSWERS})
)
_SERVICE_WORDS = select(*(SPACES.c[field.name] for field in fields(ServiceWords)))


async def save_answers(connection: AsyncConnection, answers: Sequence[tuple[UUID, Conclusion, Placement]]) -> None:
    """Write what other services said of spaces, by the spaces' ids."""
    if answers:
        await connection.execute(
            _SAVE_ANSWERS,
            [
                {"space_id": space_id, **vars(conclusion), **vars(placement)}
                for space_id, conclusion, placement in answers
            ],
        )


async def list_service_words(
    connection: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[ServiceWords]:
    """Return what is stored of spaces that are not removed, by their ids; ``conditions`` are on ``SPACES``."""
    statement = _SERVICE_WORDS.where(~SPACES.c.removed, *conditions).order_by(SPACES.c.id).limit(limit)
    return [ServiceWords(**row) for row in (await connection.execute(statement)).mappings()]
