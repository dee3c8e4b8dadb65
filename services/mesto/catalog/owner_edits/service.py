"""What owners set of their spaces: the fields that the resource leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from mesto.catalog.answers import service as states
from mesto.catalog.owner_edits.client import Accounts
from mesto.catalog.owner_edits import rules as ownership
from mesto.catalog.impact.client import Agreements, Change, agreed
from mesto.catalog.declarations.service import Catalog, change_of, refusal_of, resolved
from mesto.catalog.spaces import store
from mesto.catalog.spaces.store import SpaceRow
from mesto.common.errors import FieldError, Problem, email_unverified, forbidden, not_found
from mesto.common.identity import emails
from mesto.common.identity.tokens import Principal
from mesto.contracts.spaces import SpaceSpec
from pydantic import ValidationError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What an owner asks for: values by path, None to take one back. ``accepted``: although it strands bookings.

    ``revision`` is the one that the owner has seen, None for whatever is there.
    """

    values: Mapping[str, Any]
    accepted: bool = False
    revision: int | None = None


def _owns(user: Principal, row: SpaceRow) -> bool:
    """Naming an address gives rights only to an account that has verified it (`_checked` asks for that)."""
    return emails.same(user.email, row.owner_email)


def managed_by(row: SpaceRow) -> str:
    """The resource that declares a space, for people."""
    return f"CoworkingSpace {row.namespace}/{row.name}"


def _locked(row: SpaceRow, fields: Sequence[str]) -> Problem:
    manager = managed_by(row)
    declared = [FieldError(field=field, message=f"Declared by {manager}.") for field in fields]
    detail = f"{manager} declares {', '.join(fields)}: change it there."
    return Problem(409, "locked-field", detail, errors=declared, managed_by=manager)


class Owners:
    """Spaces as their owners see and change them."""

    def __init__(self, catalog: Catalog, accounts: Accounts) -> None:
        self.catalog, self.database, self.accounts = catalog, catalog.database, accounts

    async def get(self, user: Principal, id_or_slug: str) -> SpaceRow:
        """A space of the user's. Raises Problem 403, or 404 where nobody may know of it."""
        user = await self.accounts.as_of_now(user)
        async with self.database.read() as connection:
            row = await store.managed(connection, id_or_slug)
        return _checked(user, row)

    async def change(self, user: Principal, id_or_slug: str, wanted: Wanted) -> SpaceRow:
        """Set what the resource leaves out; the space as it is then.

        Raises Problem 403, 404, 409 locked-field for what it declares, 409 stale-revision when it has changed since,
        422 for what makes no sense, 409 would-affect-bookings when it would strand some and that is not accepted, 424
        when that cannot be known.
        """
        user = await self.accounts.as_of_now(user)
        space_id = (await self.get(user, id_or_slug)).id

        async def settle(_items: Sequence[None], agreements: Agreements) -> list[SpaceRow | Problem | Change]:
            return [await self._change(user, space_id, wanted, agreements)]

        [answer] = await self.catalog.asking.through([None], settle)
        if isinstance(answer, Problem):
            raise answer
        return answer

    async def _change(
        self, user: Principal, space_id: UUID, wanted: Wanted, agreements: Agreements
    ) -> SpaceRow | Problem | Change:
        async with self.database.transaction() as connection:
            row = await store.lock(connection, space_id)
            row = _checked(user, row if row is not None and row.managed else None)
            if wanted.revision not in (None, row.revision):
                detail = f"The space is at revision {row.revision} by now: look at it again."
                raise Problem(409, "stale-revision", detail, revision=row.revision)
            declared = states.declared(row)
            if fields := [field for field in ownership.locked(declared) if field in wanted.values]:
                raise _locked(row, fields)
            held = ownership.hold(declared, {**ownership.values(row.held), **wanted.values})
            spec = ownership.in_effect(declared, held)
            if store.document(row) == spec and row.held == held:
                return row
            if refusal := refusal_of(spec_of(spec), within=""):
                raise refusal
            change = change_of(row, spec, accepted=wanted.accepted)
            if change is not None and not agreed(change, agreements):
                return change
            columns = {"held": held, "revision": row.revision + 1}
            columns |= {"policy": resolved(spec["booking"], self.catalog.configuration.policy)}
            await store.update_space(connection, row.id, columns, spec)
            [row] = await self.catalog.publish(connection, [row.id])
        log.info(
            "changed_by_owner",
            space_id=str(row.id),
            user_id=str(user.user_id),
            fields=sorted(wanted.values),
            accepted=wanted.accepted,
        )
        return row


def spec_of(document: Mapping[str, Any]) -> SpaceSpec:
    """A spec as it is stored. Raises Problem 503 for one that somebody broke by SQL."""
    try:
        return SpaceSpec.model_validate(document)
    except ValidationError as error:
        detail = "What is stored of this space makes no sense; it is being put right."
        raise Problem(503, "temporarily-unavailable", detail, headers={"Retry-After": "5"}) from error


def _checked(user: Principal, row: SpaceRow | None) -> SpaceRow:
    owns = row is not None and _owns(user, row)
    if row is not None and owns and user.email_verified:
        return row
    if not user.email_verified and "owner" in user.roles:
        raise email_unverified()  # whatever space it is: who has not verified an address learns of none by it
    if row is None or not states.listed(row):
        raise not_found("This space")
    if owns:
        raise email_unverified()
    raise forbidden("Only the owner of the space, by a verified address, sees and changes this.")
