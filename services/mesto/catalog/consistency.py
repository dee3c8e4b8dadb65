"""What must hold in catalog: what booking and geo said about spaces, geo's cities, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from mesto.catalog.answers import service as states
from mesto.catalog.declarations.service import Catalog
from mesto.catalog.existence.service import store as existence
from mesto.catalog.spaces import store
from mesto.catalog.tables import CITIES, OUTBOX, PRICES, RESOURCES, SPACES
from mesto.common.consistency.checks import Check, Discrepancy
from mesto.common.consistency.local_checks import LocalCheck, Page, outbox_check
from mesto.common.consistency.projections import LATE, Projection, Span, State
from mesto.common.consistency.sources import Source, Sources
from mesto.contracts.events import CityChanged, Event, SpaceApplied, SpaceLocated
from mesto.contracts.spaces import Applied
from sqlalchemy import collate, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 500


class AboutSpaces(Projection[UUID]):
    """What another service says about our spaces. Of spaces that we do not have we keep nothing."""

    needs_row = False

    def __init__(self, catalog: Catalog, owner: Source) -> None:
        super().__init__(catalog.database, owner)
        self.catalog = catalog

    def key(self, event: Event) -> UUID:
        assert isinstance(event, SpaceApplied | SpaceLocated)
        return event.space_id

    def parse(self, text: str) -> UUID:
        return UUID(text)

    def state(self, row: Any) -> State:
        """What we keep of one row."""
        raise NotImplementedError

    async def rows(self, connection: AsyncConnection, span: Span[UUID], limit: int) -> dict[UUID, State]:
        statement = select(SPACES).where(~SPACES.c.removed, *span.of(SPACES.c.id)).order_by(SPACES.c.id).limit(limit)
        return {row.id: self.state(row) for row in await connection.execute(statement)}

    async def put(self, key: UUID, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            row = await store.lock(connection, key)
            if row is None or self.state(row) != seen:
                return False
            await self.write(connection, row, event)
        return True

    async def write(self, connection: AsyncConnection, row: Any, event: Event | None) -> None:
        """Keep this of a locked row."""
        raise NotImplementedError


class Answers(AboutSpaces):
    """What a service made of our spaces. It may change its answer to the same revision."""

    late = LATE | {"wrong", "unknown"}

    def __init__(self, catalog: Catalog, owner: Source, service: Literal["booking", "geo"]) -> None:
        super().__init__(catalog, owner)
        self.service, self.name = service, f"answers_{service}"

    def state(self, row: Any) -> State:
        answer = row.applied.get(self.service)
        if not answer:
            return State(0, {})
        return State(answer["revision"], Applied.model_validate(answer).model_dump())

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, SpaceApplied)
        return State(event.revision, states.answer(event).model_dump())

    async def write(self, connection: AsyncConnection, row: Any, event: Event | None) -> None:
        others = {name: answer for name, answer in row.applied.items() if name != self.service}
        mine = {self.service: states.answer(event).model_dump()} if isinstance(event, SpaceApplied) else {}
        await self.catalog.keep_answers(connection, row, others | mine)


class Places(AboutSpaces):
    """Where geo has placed our spaces."""

    name = "located"
    late = LATE | {"unknown"}

    def state(self, row: Any) -> State:
        if row.located is None and row.located_revision == 0:
            return State(0, {})
        return State(row.located_revision, {"located": row.located, "district": row.district})

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, SpaceLocated)
        values = states.located_values(event)
        return State(event.revision, {"located": values["located"], "district": values["district"]})

    async def write(self, connection: AsyncConnection, row: Any, event: Event | None) -> None:
        nothing: dict[str, Any] = {"located": None, "located_revision": 0, "district": None}
        values = states.located_values(event) if isinstance(event, SpaceLocated) else nothing
        await store.update_space(connection, row.id, values)


class Cities(Projection[str]):
    """Geo's cities."""

    name = "cities"

    def key(self, event: Event) -> str:
        assert isinstance(event, CityChanged)
        return event.slug

    def parse(self, text: str) -> str:
        return text

    async def rows(self, connection: AsyncConnection, span: Span[str], limit: int) -> dict[str, State]:
        slug = collate(CITIES.c.slug, "C")
        statement = select(CITIES).where(*span.of(slug)).order_by(slug).limit(limit)
        return {
            row.slug: State(row.revision, {"name": row.name, "time_zone": row.time_zone, "currency": row.currency})
            for row in await connection.execute(statement)
        }

    def expected(self, event: Event, ours: State | None) -> State:
        assert isinstance(event, CityChanged)
        values = states.city_values(event)
        return State(event.revision, {name: values[name] for name in ("name", "time_zone", "currency")})

    async def put(self, key: str, seen: State | None, event: Event | None) -> bool:
        async with self.database.transaction() as connection:
            await store.lock_city(connection, key)
            if seen is not None and (await self.rows(connection, Span(keys=[key]), 1)).get(key) != seen:
                return False
            if isinstance(event, CityChanged):
                await store.put_city(connection, states.city_values(event), force=seen is not None)
            else:
                await store.drop_city(connection, key)
        return True


class Own:
    """Checks of catalog against its own tables."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.database = catalog, catalog.database

    def checks(self) -> list[Check]:
        """In the order in which they are done."""
        return [
            LocalCheck("bookable", self.database, self._bookable, self._bookable_again, self._resolve),
            LocalCheck("prices", self.database, self._prices, self._prices_again),
            LocalCheck("resources", self.database, self._resources, self._resources_again),
            outbox_check(self.database, OUTBOX),
        ]

    async def _bookable(self, connection: AsyncConnection, after: UUID | None) -> Page:
        rows = await store.snapshot(connection, after, PAGE)
        return Page(len(rows), _unresolved(rows), rows[-1].id if len(rows) == PAGE else None)

    async def _bookable_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return _unresolved(await store.load(connection, [UUID(one.id) for one in suspects]))

    async def _resolve(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        mended: list[Discrepancy] = []
        for one in suspects:
            async with self.database.transaction() as connection:
                row = await store.lock(connection, UUID(one.id))
                if row is not None and _unresolved([row]):
                    await self.catalog.note_bookable(connection, row)
                    mended.append(one)
        return mended

    async def _prices(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        checked = (await connection.execute(select(func.count()).select_from(PRICES))).scalar_one()
        return Page(checked, await self._misplaced(connection, None))

    async def _prices_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        return await self._misplaced(connection, [UUID(one.id) for one in suspects])

    @staticmethod
    async def _misplaced(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
        """Prices that repeat their resource's kind or space and have it wrong."""
        wrong = or_(PRICES.c.kind != RESOURCES.c.kind, PRICES.c.space_id != RESOURCES.c.space_id)
        joined = PRICES.join(RESOURCES, RESOURCES.c.id == PRICES.c.resource_id)
        statement = select(PRICES.c.resource_id).select_from(joined).where(wrong).distinct().limit(1000)
        if ids is not None:
            statement = statement.where(PRICES.c.resource_id.in_(ids))
        found = (await connection.execute(statement)).scalars()
        return [Discrepancy(str(key), "wrong", "in kind or space") for key in found]

    async def _resources(self, connection: AsyncConnection, _after: UUID | None) -> Page:
        found = [*await self._without_resource(connection, None), *await self._without_space(connection)]
        return Page(await existence.count_managed(connection), found)

    async def _resources_again(self, connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        ids = [UUID(one.id) for one in suspects if one.what == "no resource"]
        return [*await self._without_resource(connection, ids), *await self._without_space(connection)]

    @staticmethod
    async def _without_resource(connection: AsyncConnection, ids: Sequence[UUID] | None) -> list[Discrepancy]:
        """Spaces whose CoworkingSpace does not exist, as the operator has found."""
        return [
            Discrepancy(
                str(row.id), "no resource", f"{row.namespace}/{row.name} missing since {row.missing_since:%F %T}"
            )
            for row in await existence.missing(connection, ids)
        ]

    @staticmethod
    async def _without_space(connection: AsyncConnection) -> list[Discrepancy]:
        """CoworkingSpaces that say they are stored and are not."""
        return [Discrepancy(name, "no space", f"found {at:%F %T}") for name, at in await existence.unstored(connection)]


def _unresolved(rows: Sequence[Any]) -> list[Discrepancy]:
    """Spaces whose stored reason of Bookable does not follow from the rest."""
    found = [(row, states.bookable(row).reason) for row in rows if not row.removed]
    return [
        Discrepancy(str(row.id), "wrong", f"{row.bookable_reason}, should be {reason}")
        for row, reason in found
        if row.bookable_reason != reason
    ]


def checks(catalog: Catalog, sources: Sources) -> list[Check]:
    """All checks of catalog, in the order in which they are done."""
    return [
        Cities(catalog.database, sources.facts("geo", "cities")),
        Places(catalog, sources.facts("geo", "located")),
        Answers(catalog, sources.facts("geo", "applied"), "geo"),
        Answers(catalog, sources.facts("booking", "applied"), "booking"),
        *Own(catalog).checks(),
    ]
