"""Consents: who has agreed to which version of the platform's texts, when and where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog
from mesto.auth.accounts.service import Accounts
from mesto.auth.consents import rules, store
from mesto.auth.consents.records import Consent, NewConsent
from mesto.auth.consents.rules import CurrentText, DueText
from mesto.auth.texts.service import Texts
from mesto.common.database.engine import Database
from mesto.common.errors import FieldError, Problem
from mesto.contracts.platform_texts import AGREED_TEXTS, TextName
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)


class Consents:
    """Consents of accounts. None is ever changed; they go with their account."""

    def __init__(self, database: Database, texts: Texts, accounts: Accounts) -> None:
        self.database, self.texts, self.accounts = database, texts, accounts

    async def check_registration(self, consents: Sequence[NewConsent], roles: Collection[str]) -> None:
        """Raise Problem 422 where the platform requires a text whose current version is not agreed to."""
        given: dict[TextName, set[str]] = {}
        for consent in consents:
            given.setdefault(consent.text, set()).add(consent.version)
        if missing := rules.missing_at_registration(await self._current(), roles, given):
            message = f"Agree to the current version of: {', '.join(missing)}."
            raise Problem(422, "consent-needed", message, errors=[FieldError(field="consents", message=message)])

    async def record(
        self, connection: AsyncConnection, account_id: UUID, consents: Sequence[NewConsent], *, field: str = ""
    ) -> None:
        """Keep consents of an account. Raises Problem 422 for what cannot be agreed to; ``field`` is where they stand.

        A version of the past is taken: it is what its reader saw.
        """
        wrong = [
            FieldError(field=f"{field.format(number)}{name}", message=message)
            for number, consent in enumerate(consents)
            for name, message in await self._faults(connection, consent)
        ]
        if wrong:
            raise Problem(422, "unknown-text", "This is no text of ours that one agrees to.", errors=wrong)
        await store.insert_consents(connection, account_id, consents)
        for consent in consents:
            log.info("consent_given", user_id=str(account_id), text=consent.text, version=consent.version)

    async def _faults(self, connection: AsyncConnection, consent: NewConsent) -> list[tuple[str, str]]:
        if consent.text not in AGREED_TEXTS:
            return [("text", f"{consent.text} is only read; one agrees to {', '.join(AGREED_TEXTS)}.")]
        if await self.texts.find_version(connection, consent.text, consent.version) is None:
            return [("version", f"There is no such version of {consent.text}.")]
        return []

    async def give(self, account_id: UUID, consent: NewConsent) -> None:
        """Keep one consent of an account. Raises Problem 404 without the account, and 422 as ``record``."""
        await self.accounts.get(account_id)
        async with self.database.transaction() as connection:
            await self.record(connection, account_id, [consent])

    async def list_given(self, account_id: UUID) -> list[Consent]:
        """Return all consents of an account, the last one first."""
        async with self.database.read() as connection:
            return await store.list_consents(connection, account_id)

    async def list_due(self, roles: Collection[str], given: Sequence[Consent]) -> list[DueText]:
        """Return the texts that somebody with these consents should look at again."""
        agreed = [(consent.text, consent.version) for consent in given]
        return list(rules.due(await self._current(), roles, agreed))

    async def _current(self) -> list[CurrentText]:
        shown = await self.texts.shown()
        return [CurrentText(text.name, text.version, text.required_to_register) for text in shown]
