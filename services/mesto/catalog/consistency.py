"""What must hold in catalog: what booking and geo said about spaces, geo's cities, and what follows from them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from mesto.catalog.answers import store as answers_store
from mesto.catalog.answers.records import ServiceWords
from mesto.catalog.answers.service import Answers, applied_of, placement_of
from mesto.catalog.cities import store as cities_store
from mesto.catalog.cities.records import City
from mesto.catalog.cities.service import city_of
from mesto.catalog.existence import store as existence_store
from mesto.catalog.ownership import store as ownership_store
from mesto.catalog.ownership.records import Account, NamedSpace
from mesto.catalog.ownership.service import Ownership, account_of, tombstone
from mesto.catalog.ownership.tables import ACCOUNTS
from mesto.catalog.spaces import store as spaces_store
from mesto.catalog.spaces.records import Space
from mesto.catalog.spaces.service import Spaces
from mesto.catalog.spaces.tables import SPACES
from mesto.catalog.tables import OUTBOX
from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page, outbox_check
from mesto.common.consistency.projections import LATE, Projection, Span, State
from mesto.common.consistency.sources import Source, Sources
from mesto.common.database.engine import Database
from mesto.contracts.events import CityChanged, Event, SpaceApplied, SpaceLocated, UserChanged, UserRemoved
from mesto.contracts.spaces import Applied
from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 500


class AboutSpaces(Projection[UUID]):
    """What another service says about our spaces. Of spaces that we do not have we keep nothing."""

    needs_row = False

    def __init__(self, answers: Answers, owner: Source) -> None:
        super().__init__(answers.database, owner)
        self.answers = answers

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceApplied | SpaceLocated)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    @abstractmethod
    def state(self, space: Space | ServiceWords) -> State:
        """Return what we keep of a space."""

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await answers_store.list_service_words(connection, span.of(SPACES.c.id), limit)
        return {space.id: self.state(space) for space in found}

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            space = await spaces_store.lock(connection, key)
            if space is None or self.state(space) != seen:
                return False
            await self.write(connection, space, event)
        return True

    @abstractmethod
    async def write(self, connection: AsyncConnection, space: Space, event: Event | None) -> None:
        """Keep this of a locked space."""


class AppliedAnswers(AboutSpaces):
    """What a service made of our spaces. It may change its answer to the same revision."""

    late = LATE | {"wrong", "unknown"}

    def __init__(self, answers: Answers, owner: Source, service: Literal["booking", "geo"]) -> None:
        super().__init__(answers, owner)
        self.service, self.name = service, f"answers_{service}"

    def state(self, space: Space | ServiceWords) -> State:
        document = space.applied.get(self.service)
        if not document:
            return State(0, {})
        answer = Applied.model_validate(document)
        return State(answer.revision, answer.model_dump())

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, SpaceApplied)
        return State(event.revision, applied_of(event).model_dump())

    async def write(self, connection: AsyncConnection, space: Space, event: Event | None) -> None:
        answers = {service: answer for service, answer in space.applied.items() if service != self.service}
        if isinstance(event, SpaceApplied):
            answers[self.service] = applied_of(event).model_dump()
        await self.answers.restore(connection, space, answers)


class Placements(AboutSpaces):
    """Where geo has placed our spaces."""

    name = "located"
    late = LATE | {"unknown"}

    def state(self, space: Space | ServiceWords) -> State:
        if space.located is None and space.located_revision == 0:
            return State(0, {})
        return State(space.located_revision, {"located": space.located, "district": space.district})

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, SpaceLocated)
        placement = placement_of(event)
        return State(event.revision, {"located": placement.located, "district": placement.district})

    async def write(self, connection: AsyncConnection, space: Space, event: Event | None) -> None:
        located = event if isinstance(event, SpaceLocated) else None
        await self.answers.restore_placement(connection, space, located)


class KnownCities(Projection[str]):
    """Geo's cities."""

    name = "cities"

    def key(self, event: Event) -> str:
        assert isinstance(event, CityChanged)
        return event.slug

    def parse(self, text: str) -> str:
        return text

    async def rows(self, connection: AsyncConnection, span: Span[str], limit: int) -> dict[str, State]:
        found = await cities_store.list_cities(connection, span.of(cities_store.SLUG), limit)
        return {city.slug: _city_state(city) for city in found}

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, CityChanged)
        return _city_state(city_of(event))

    async def restore_row(self, key: str, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            await cities_store.lock(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, CityChanged):
                await cities_store.upsert(connection, city_of(event), force=seen is not None)
            else:
                await cities_store.delete_city(connection, key)
        return True


def _city_state(city: City) -> State:
    return State(city.revision, {"name": city.name, "time_zone": city.time_zone, "currency": city.currency})


class Accounts(Projection[UUID]):
    """Accounts, of auth: who has verified which address when."""

    name = "accounts"

    def __init__(self, ownership: Ownership, owner: Source) -> None:
        super().__init__(ownership.database, owner)
        self.ownership = ownership

    def key(self, event: Event) -> UUID:
        assert isinstance(event, UserChanged | UserRemoved)
        return event.user_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        found = await ownership_store.list_accounts(connection, span.of(ACCOUNTS.c.user_id), limit)
        return {account.user_id: _account_state(account) for account in found}

    def expected(self, event: Event, ours: State | None) -> State:
        if isinstance(event, UserRemoved):
            return State(event.revision, {})
        assert isinstance(event, UserChanged)
        return _account_state(account_of(event))

    async def restore_row(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            before = await ownership_store.lock_account(connection, key)
            if seen is not None and (before is None or _account_state(before) != seen):
                return False
            if isinstance(event, UserChanged):
                account = account_of(event)
            else:
                revision = event.revision if isinstance(event, UserRemoved) else seen.revision if seen else 0
                account = tombstone(key, revision)
            await self.ownership.restore_account(connection, before, account, force=seen is not None)
        return True


def _account_state(account: Account) -> State:
    if account.removed:
        return State(account.revision, {})
    told = {"address": account.address, "email_verified": account.email_verified, "spans": account.spans}
    return State(account.revision, told)


class Owners:
    """Whether spaces belong to whom they should, by the accounts that are known."""

    def __init__(self, ownership: Ownership) -> None:
        self.ownership = ownership

    def check(self) -> Check:
        """Return the check, which a rebuild puts right; the accounts are put right before."""
        return LocalCheck("owners", self.ownership.database, self._page, self._again, self._repair)

    async def _page(self, connection: AsyncConnection, after: UUID | None) -> Page:
        spaces = await ownership_store.list_page(connection, after, PAGE)
        return Page(len(spaces), await self._wrong(connection, spaces), spaces[-1].id if len(spaces) == PAGE else None)

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        ids = [UUID(suspect.id) for suspect in suspects]
        return await self._wrong(connection, await ownership_store.list_these(connection, ids))

    async def _wrong(self, connection: AsyncConnection, spaces: Sequence[NamedSpace]) -> list[Discrepancy]:
        wrong = await self.ownership.list_wrong(connection, spaces)
        return [Discrepancy(str(key), "wrong", f"should be {owner or 'nobody'}'s") for key, owner in wrong.items()]

    async def _repair(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        repaired = set(await self.ownership.repair([UUID(suspect.id) for suspect in suspects]))
        return [suspect for suspect in suspects if UUID(suspect.id) in repaired]


class BookableReasons:
    """Whether the stored reason of Bookable follows from the rest."""

    def __init__(self, spaces: Spaces) -> None:
        self.spaces = spaces

    def check(self) -> Check:
        """Return the check, which a rebuild puts right."""
        return LocalCheck("bookable", self.spaces.database, self._page, self._again, self._repair)

    async def _page(self, connection: AsyncConnection, after: UUID | None) -> Page:
        spaces = await spaces_store.list_all(connection, after, PAGE)
        return Page(len(spaces), _unresolved(spaces), spaces[-1].id if len(spaces) == PAGE else None)

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return _unresolved(await spaces_store.load(connection, [UUID(suspect.id) for suspect in suspects]))

    async def _repair(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        repaired: list[Discrepancy] = []
        for suspect in suspects:
            async with self.spaces.database.transaction() as connection:
                space = await spaces_store.lock(connection, UUID(suspect.id))
                if space is not None and _unresolved([space]):
                    await self.spaces.refresh_bookable(connection, space)
                    repaired.append(suspect)
        return repaired


def _unresolved(spaces: Sequence[Space]) -> list[Discrepancy]:
    """Return spaces whose stored reason of Bookable does not follow from the rest."""
    found = [(space, space.bookable().reason) for space in spaces if not space.removed]
    return [
        Discrepancy(str(space.id), "wrong", f"{space.bookable_reason}, should be {reason}")
        for space, reason in found
        if space.bookable_reason != reason
    ]


class Prices:
    """Whether prices repeat their resource's kind and space rightly."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def check(self) -> Check:
        """Return the check."""
        return LocalCheck("prices", self.database, self._page, self._again)

    async def _page(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        return Page(await spaces_store.count_prices(connection), await self._misplaced(connection, None))

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return await self._misplaced(connection, [UUID(suspect.id) for suspect in suspects])

    @staticmethod
    async def _misplaced(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
        found = await spaces_store.list_misplaced_prices(connection, ids)
        return [Discrepancy(str(resource_id), "wrong", "in kind or space") for resource_id in found]


class Resources:
    """Whether spaces have their CoworkingSpace and the other way round, as the operator has found."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def check(self) -> Check:
        """Return the check."""
        return LocalCheck("resources", self.database, self._page, self._again)

    async def _page(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        found = [*await self._without_resource(connection, None), *await self._without_space(connection)]
        return Page(await existence_store.count_managed(connection), found)

    async def _again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        ids = [UUID(suspect.id) for suspect in suspects if suspect.what == "no resource"]
        return [*await self._without_resource(connection, ids), *await self._without_space(connection)]

    @staticmethod
    async def _without_resource(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
        return [
            Discrepancy(
                str(space.id),
                "no resource",
                f"{space.namespace}/{space.name} missing since {space.missing_since:%F %T}",
            )
            for space in await existence_store.list_missing(connection, ids)
        ]

    @staticmethod
    async def _without_space(connection: AsyncConnection) -> list[Discrepancy]:
        return [
            Discrepancy(resource.name, "no space", f"found {resource.found_at:%F %T}")
            for resource in await existence_store.list_unstored(connection)
        ]


def local_checks(spaces: Spaces) -> list[Check]:
    """Return the checks of catalog against its own tables, in the order in which they are done."""
    return [
        BookableReasons(spaces).check(),
        Prices(spaces.database).check(),
        Resources(spaces.database).check(),
        outbox_check(spaces.database, OUTBOX),
    ]


def checks(spaces: Spaces, answers: Answers, ownership: Ownership, sources: Sources) -> list[Check]:
    """Return all checks of catalog, in the order in which they are done."""
    return [
        KnownCities(spaces.database, sources.facts("geo", "cities")),
        Placements(answers, sources.facts("geo", "located")),
        AppliedAnswers(answers, sources.facts("geo", "applied"), "geo"),
        AppliedAnswers(answers, sources.facts("booking", "applied"), "booking"),
        Accounts(ownership, sources.facts("auth", "users")),
        Owners(ownership).check(),
        *local_checks(spaces),
    ]
