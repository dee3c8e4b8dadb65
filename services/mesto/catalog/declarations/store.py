"""SQL of claims: which spaces they are resolved among."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from mesto.catalog.declarations.rules import Claim
from mesto.catalog.spaces.tables import SPACES
from sqlalchemy import Text, Uuid, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK_CLAIMED = (
    select(SPACES.c.id)
    .where(
        or_(
            SPACES.c.uid == any_(bindparam("uids", type_=ARRAY(Uuid))),
            SPACES.c.slug == any_(bindparam("slugs", type_=ARRAY(Text))),
            SPACES.c.id == any_(bindparam("adopted", type_=ARRAY(Uuid))),
            SPACES.c.release_to == any_(bindparam("names", type_=ARRAY(Text))),
        ),
        ~SPACES.c.removed,
    )
    .order_by(SPACES.c.id)
    .with_for_update()
)


async def lock_candidates(connection: AsyncConnection, claims: Sequence[Claim]) -> list[UUID]:
    """Lock the rows that claims are resolved among; return their ids.

    Locked in one order, so two claims wait and do not deadlock; whoever reads them does it by a second statement,
    whose snapshot is newer than the wait.
    """
    if not claims:
        return []
    parameters: dict[str, object] = {
        "uids": [claim.uid for claim in claims],
        "slugs": [claim.slug for claim in claims],
        "adopted": [claim.adopt for claim in claims if claim.adopt is not None],
        "names": [claim.whole_name for claim in claims],
    }
    return list((await connection.execute(_LOCK_CLAIMED, parameters)).scalars())


async def lock_declared(connection: AsyncConnection, uid: UUID) -> list[UUID]:
    """Lock the space of a custom resource, managed or not; return its id, or nothing."""
    declared = select(SPACES.c.id).where(SPACES.c.uid == uid, ~SPACES.c.removed).with_for_update()
    return list((await connection.execute(declared)).scalars())
