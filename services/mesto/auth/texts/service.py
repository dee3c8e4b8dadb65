"""The platform's texts: which there are, every version of each, and how they are read."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import structlog
from mesto.auth.texts import parsing, rules, store
from mesto.auth.texts.records import ShownText, TextVersion
from mesto.auth.texts.schemas import TextList, TextPage, TextSummary
from mesto.common.database.engine import Database
from mesto.common.errors import Problem, not_found
from mesto.contracts.platform_texts import (
    AGREED_TEXTS,
    TEXT_NAMES,
    TextDelivery,
    TextName,
    TextState,
    TextStates,
    clean,
    text_version,
)
from mesto.contracts.text import Language, other_language
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger(__name__)
_STALE = "A newer generation has declared this text already."


class Texts:
    """Texts by name. A version that was shown once is kept for good."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def deliver(self, name: TextName, delivery: TextDelivery) -> TextState:
        """Show a text from now on. Raises Problem 409 when a newer generation of the same resource has declared it."""
        version = text_version(delivery.ru, delivery.en)
        async with self.database.transaction() as connection:
            await store.insert_version(connection, name, version, clean(delivery.ru), clean(delivery.en))
            if not await store.show_version(connection, name, version, delivery):
                raise Problem(409, "stale-generation", _STALE)
            shown = await store.find_shown(connection, name)
        assert shown is not None, "it was written a moment ago"
        log.info("text_shown", name=name, version=version, generation=delivery.generation)
        return _state(shown)

    async def withdraw(self, name: TextName, uid: UUID, generation: int) -> None:
        """Show a text no more; its versions stay. Nothing happens when it is not shown, or was declared since."""
        async with self.database.transaction() as connection:
            if await store.hide(connection, name, uid, generation):
                log.info("text_withdrawn", name=name, generation=generation)

    async def states(self) -> TextStates:
        """Return which versions are shown, for the one who delivers them."""
        return TextStates(items=[_state(text) for text in await self.shown()])

    async def shown(self) -> list[ShownText]:
        """Return the texts that are shown, in their order."""
        async with self.database.read() as connection:
            return sorted(await store.list_shown(connection), key=lambda text: TEXT_NAMES.index(text.name))

    async def find_version(self, connection: AsyncConnection, name: TextName, version: str) -> TextVersion | None:
        """Return a version of a text, None when it was never shown."""
        return await store.find_version(connection, name, version)

    async def summaries(self, language: Language) -> TextList:
        """Return which texts there are, with their titles in a language, else in the other one."""
        return TextList(items=[await self._summary(text, language) for text in await self.shown()])

    async def _summary(self, text: ShownText, language: Language) -> TextSummary:
        spoken, page = await _in_language(text, language)
        return TextSummary(
            name=text.name,
            title=page.title or rules.TITLES[text.name][spoken],
            language=spoken,
            version=text.version,
            since=text.since,
            agreed=text.name in AGREED_TEXTS,
            required_to_register=text.required_to_register,
        )

    async def page(self, name: TextName, version: str | None, language: Language) -> TextPage:
        """Return a text to be read: the one that counts, or a version of its past. Raises Problem 404."""
        async with self.database.read() as connection:
            shown = await store.find_shown(connection, name)
            if version is None or (shown is not None and shown.version == version):
                if shown is None:
                    raise not_found("This text")
                return await _page(shown, language, current=True, updated_at=shown.since)
            past = await store.find_version(connection, name, version)
        if past is None:
            raise not_found("This version of the text")
        return await _page(past, language, current=False, updated_at=past.published_at)


async def _page(text: ShownText | TextVersion, language: Language, *, current: bool, updated_at: datetime) -> TextPage:
    spoken, page = await _in_language(text, language)
    return TextPage(
        name=text.name,
        version=text.version,
        language=spoken,
        fallback=spoken != language,
        title=page.title or rules.TITLES[text.name][spoken],
        html=page.html,
        current=current,
        updated_at=updated_at,
    )


async def _in_language(text: ShownText | TextVersion, language: Language) -> tuple[Language, parsing.Page]:
    """Return a text in a language, else in the other one, and which it is. A long one takes a moment of a thread."""
    written = {"ru": text.ru, "en": text.en}
    spoken = language if written[language] else other_language(language)
    return spoken, await asyncio.to_thread(parsing.render, written[spoken] or "")


def _state(text: ShownText) -> TextState:
    return TextState(
        name=text.name,
        version=text.version,
        required_to_register=text.required_to_register,
        uid=text.uid,
        generation=text.generation,
    )
