"""What owners set of their spaces: the fields that the resource leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from mesto.catalog.impact.client import ImpactClient
from mesto.catalog.impact.records import Approvals, Change, approved
from mesto.catalog.impact.service import change_of
from mesto.catalog.owner_edits import rules
from mesto.catalog.owner_edits.client import AccountsClient
from mesto.catalog.owner_edits.records import SpacePatch
from mesto.catalog.ownership.service import Ownership
from mesto.catalog.spaces.records import Space
from mesto.catalog.spaces.service import Spaces, resolve_policy
from mesto.catalog.validation.service import refusal_of
from mesto.common.errors import FieldError, Problem, email_unverified, forbidden, not_found
from mesto.common.identity import emails
from mesto.common.identity.tokens import Principal
from mesto.contracts.spaces import SpaceSpec
from pydantic import ValidationError

log = structlog.get_logger(__name__)


class OwnerEdits:
    """Spaces as their owners see and change them."""

    def __init__(self, spaces: Spaces, impact: ImpactClient, accounts: AccountsClient, ownership: Ownership) -> None:
        self.spaces, self.impact, self.accounts, self.ownership = spaces, impact, accounts, ownership

    async def list_page(self, user: Principal, cursor: str, limit: int) -> tuple[list[Space], str | None]:
        """Return a page of the user's spaces, and the next cursor. Raises Problem 403 for an address not verified."""
        if not user.email_verified:
            said = await self.accounts.find(user.user_id)
            if said is None or not said.email_verified:
                raise email_unverified()
        return await self.spaces.list_owned(user.user_id, cursor, limit)

    async def get(self, user: Principal, id_or_slug: str) -> Space:
        """Return a space of the user's. Raises Problem 403, or 404 where nobody may know of it."""
        _, space = await self._find(user, id_or_slug)
        return space

    async def _find(self, user: Principal, id_or_slug: str) -> tuple[Principal, Space]:
        """Return a space of the user's, and the user as auth knows them by now."""
        space = await self.spaces.find_managed(id_or_slug)
        waits = space is not None and space.owner_id is None and emails.same(user.email, space.owner_email)
        if waits or not user.email_verified:
            # The token may be older than the address is verified, and the event of that may be on its way.
            said = await self.accounts.find(user.user_id)
            if said is not None:
                user = replace(user, email_verified=said.email_verified and emails.same(said.email, user.email))
                if waits:
                    await self.ownership.account_changed(said)
                    space = await self.spaces.find_managed(id_or_slug)
        return user, _checked(user, space)

    async def change(self, user: Principal, id_or_slug: str, patch: SpacePatch) -> Space:
        """Set what the resource leaves out; return the space as it is then.

        Raises Problem 403, 404, 409 locked-field for what it declares, 409 stale-revision when it has changed since,
        422 for what makes no sense, 409 would-affect-bookings when it would strand some and that is not accepted, 424
        when that cannot be known.
        """
        user, found = await self._find(user, id_or_slug)
        space_id = found.id

        async def work(_items: Sequence[None], approvals: Approvals) -> list[Space | Problem | Change]:
            return [await self._change(user, space_id, patch, approvals)]

        [answer] = await self.impact.run([None], work)
        if isinstance(answer, Problem):
            raise answer
        return answer

    async def _change(
        self, user: Principal, space_id: UUID, patch: SpacePatch, approvals: Approvals
    ) -> Space | Problem | Change:
        async with self.spaces.database.transaction() as connection:
            locked = await self.spaces.lock(connection, space_id)
            space = _checked(user, locked if locked is not None and locked.managed else None)
            if patch.revision not in (None, space.revision):
                detail = f"The space is at revision {space.revision} by now: look at it again."
                raise Problem(409, "stale-revision", detail, revision=space.revision)
            declared = rules.declared_spec(space.document, space.owner_overrides)
            if fields := [field for field in rules.locked(declared) if field in patch.values]:
                raise _locked(space, fields)
            given = {**rules.values(space.owner_overrides), **patch.values}
            overrides = rules.merge_overrides(declared, given)
            spec = rules.effective_spec(declared, overrides)
            if space.document == spec and space.owner_overrides == overrides:
                return space
            if refusal := refusal_of(spec_of(spec), within=""):
                raise refusal
            change = change_of(space, spec, accepted=patch.accepted)
            if change is not None and not approved(change, approvals):
                return change
            policy = resolve_policy(spec["booking"], self.spaces.configuration.policy)
            columns = {"held": overrides, "revision": space.revision + 1, "policy": policy}
            await self.spaces.update(connection, space.id, columns, spec)
            [space] = await self.spaces.publish(connection, [space.id])
        log.info(
            "changed_by_owner",
            space_id=str(space.id),
            user_id=str(user.user_id),
            fields=sorted(patch.values),
            accepted=patch.accepted,
        )
        return space


def _owns(user: Principal, space: Space) -> bool:
    """Return whether a space belongs to somebody; of what the release before has written the address decides still."""
    return space.owner_id == user.user_id if space.owner_decided else emails.same(user.email, space.owner_email)


def _locked(space: Space, fields: Sequence[str]) -> Problem:
    manager = space.managed_by
    declared = [FieldError(field=field, message=f"Declared by {manager}.") for field in fields]
    detail = f"{manager} declares {', '.join(fields)}: change it there."
    return Problem(409, "locked-field", detail, errors=declared, managed_by=manager)


def spec_of(document: Mapping[str, object]) -> SpaceSpec:
    """Return a spec as it is stored. Raises Problem 503 for one that somebody broke by SQL."""
    try:
        return SpaceSpec.model_validate(document)
    except ValidationError as error:
        detail = "What is stored of this space makes no sense; it is being put right."
        raise Problem(503, "temporarily-unavailable", detail, headers={"Retry-After": "5"}) from error


def _checked(user: Principal, space: Space | None) -> Space:
    owns = space is not None and _owns(user, space)
    if space is not None and owns and user.email_verified:
        return space
    if not user.email_verified and "owner" in user.roles:
        raise email_unverified()  # whatever space it is: who has not verified an address learns of none by it
    if space is None or not space.listed:
        raise not_found("This space")
    if not user.email_verified and emails.same(user.email, space.owner_email):
        raise email_unverified()
    raise forbidden("Only the owner of the space, by a verified address, sees and changes this.")
