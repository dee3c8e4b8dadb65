"""SQL of the proposals that lie on a space."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from mesto.booking.spaces.records import StoredProposal
from mesto.booking.spaces.tables import SPACES
from sqlalchemy import String, cast, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_s = SPACES.c


async def insert_unknown_space(connection: AsyncConnection, space_id: UUID) -> None:
    """Insert a space of which no event has come: revision 0, of which nothing can be booked; nothing if it is there."""
    blank: dict[str, object] = {name: [] for name in ("opening_hours", "exceptions", "cancellation")}
    words = {"slug": "", "title": {}, "address": "", "time_zone": "UTC", "approval": "instant", "hold_minutes": 15}
    empty = {"id": space_id, "revision": 0, "removed": False, "published": False, **words, **blank}
    await connection.execute(insert(SPACES).values(empty).on_conflict_do_nothing(index_elements=[_s.id]))


async def set_proposals(connection: AsyncConnection, space_id: UUID, proposals: Mapping[str, StoredProposal]) -> None:
    """Replace the proposals of a locked space."""
    await connection.execute(update(SPACES).where(_s.id == space_id).values(proposals=dict(proposals) or None))


async def delete_proposal(connection: AsyncConnection, space_id: UUID, proposal_id: UUID) -> None:
    """Forget one proposal of a space."""
    fewer = _s.proposals.op("-")(cast(str(proposal_id), String))
    mine = update(SPACES).where(_s.id == space_id, _s.proposals.has_key(str(proposal_id)))
    await connection.execute(mine.values(proposals=fewer))
