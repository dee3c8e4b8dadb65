"""SQL of competitors' offers: targets, their runs, and the offers of each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mesto.catalog.competitors.records import ScrapeRun, ShownOffer, Target
from mesto.catalog.competitors.tables import COMPETITOR_OFFERS, SCRAPE_RUNS, SCRAPE_TARGETS
from mesto.contracts.offers import BATCH, RUNS_KEPT, Offer
from sqlalchemy import Select, and_, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

_SHOWN = and_(SCRAPE_TARGETS.c.uid == COMPETITOR_OFFERS.c.target, SCRAPE_TARGETS.c.shown_run == COMPETITOR_OFFERS.c.run)


async def lock_target(connection: AsyncConnection, uid: UUID) -> Target | None:
    """Return the target, locked; whatever changes its runs or offers holds this lock."""
    return await _target(connection, select(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid).with_for_update())


async def upsert_target(connection: AsyncConnection, uid: UUID, namespace: str, name: str) -> Target:
    """Make the target known if it is not; return it, locked."""
    new = upsert(SCRAPE_TARGETS).values(uid=uid, namespace=namespace, name=name).on_conflict_do_nothing()
    await connection.execute(new)
    target = await lock_target(connection, uid)
    assert target is not None
    return target


async def find_target(connection: AsyncConnection, uid: UUID) -> Target | None:
    """Return the target as it is."""
    return await _target(connection, select(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid))


async def _target(connection: AsyncConnection, statement: Select[*tuple[object, ...]]) -> Target | None:
    row = (await connection.execute(statement)).mappings().one_or_none()
    if row is None:
        return None
    columns = dict(row)
    return Target(deleted=columns.pop("gone"), **columns)


async def set_shown_run(connection: AsyncConnection, uid: UUID, run_id: str | None) -> None:
    """Note the run whose offers are shown, None for none."""
    await connection.execute(update(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid).values(shown_run=run_id))


async def mark_deleted(connection: AsyncConnection, uid: UUID) -> None:
    """Note that a target's resource is gone."""
    await connection.execute(update(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid).values(gone=True))


async def find_run(connection: AsyncConnection, run_id: str) -> ScrapeRun | None:
    """Return the run."""
    found = await connection.execute(select(SCRAPE_RUNS).where(SCRAPE_RUNS.c.id == run_id))
    row = found.mappings().one_or_none()
    return None if row is None else ScrapeRun(**row)


async def list_runs(connection: AsyncConnection, uid: UUID) -> list[ScrapeRun]:
    """Return the runs of a target, newest first."""
    newest = select(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid)
    newest = newest.order_by(SCRAPE_RUNS.c.started_at.desc(), SCRAPE_RUNS.c.id.desc()).limit(RUNS_KEPT)
    return [ScrapeRun(**row) for row in (await connection.execute(newest)).mappings()]


async def insert_run(connection: AsyncConnection, run_id: str, uid: UUID, started_at: datetime) -> None:
    """Begin a run, and forget the oldest ones beyond RUNS_KEPT but the one that is shown."""
    new = upsert(SCRAPE_RUNS).values(id=run_id, target=uid, started_at=started_at).on_conflict_do_nothing()
    await connection.execute(new)
    shown = select(SCRAPE_TARGETS.c.shown_run).where(SCRAPE_TARGETS.c.uid == uid).scalar_subquery()
    kept = select(SCRAPE_RUNS.c.id).where(SCRAPE_RUNS.c.target == uid)
    kept = kept.order_by(SCRAPE_RUNS.c.started_at.desc(), SCRAPE_RUNS.c.id.desc()).limit(RUNS_KEPT)
    old = and_(SCRAPE_RUNS.c.id.not_in(kept), SCRAPE_RUNS.c.id.is_distinct_from(shown))
    await connection.execute(delete(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid, old))


async def finish_run(connection: AsyncConnection, run_id: str, columns: Mapping[str, object]) -> None:
    """Note how a run ended."""
    await connection.execute(update(SCRAPE_RUNS).where(SCRAPE_RUNS.c.id == run_id).values(columns))


async def replace_batch(
    connection: AsyncConnection, uid: UUID, run_id: str, batch: int, offers: Sequence[Offer]
) -> None:
    """Store a batch in the place of what it held before."""
    first = batch * BATCH
    of_batch = COMPETITOR_OFFERS.c.position.between(first, first + BATCH - 1)
    await connection.execute(
        delete(COMPETITOR_OFFERS).where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run == run_id, of_batch)
    )
    rows = [
        _columns(offer) | {"target": uid, "run": run_id, "position": first + number}
        for number, offer in enumerate(offers)
    ]
    await connection.execute(insert(COMPETITOR_OFFERS), rows)


def _columns(offer: Offer) -> dict[str, object]:
    columns: dict[str, object] = offer.model_dump(exclude={"price", "terms", "location"})
    price, location = offer.price, offer.location
    return columns | {
        "latitude": location.latitude if location else None,
        "longitude": location.longitude if location else None,
        "amount": price.amount if price else None,
        "currency": price.currency if price else None,
        "per": price.per if price else None,
        "terms": offer.terms.model_dump(mode="json"),
    }


async def count_offers(connection: AsyncConnection, uid: UUID, run_id: str) -> int:
    """Return how many offers a run has stored."""
    counted = select(func.count()).select_from(COMPETITOR_OFFERS)
    counted = counted.where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run == run_id)
    return int((await connection.execute(counted)).scalar_one())


async def delete_offers(connection: AsyncConnection, uid: UUID, run_id: str) -> None:
    """Remove the offers of one run."""
    await connection.execute(
        delete(COMPETITOR_OFFERS).where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run == run_id)
    )


async def delete_older_offers(connection: AsyncConnection, uid: UUID, shown: ScrapeRun) -> None:
    """Remove the offers of runs that began before the shown one: none of them will be shown again."""
    before = tuple_(SCRAPE_RUNS.c.started_at, SCRAPE_RUNS.c.id) < tuple_(shown.started_at, shown.id)
    old = select(SCRAPE_RUNS.c.id).where(SCRAPE_RUNS.c.target == uid, before)
    await connection.execute(
        delete(COMPETITOR_OFFERS).where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run.in_(old))
    )


async def delete_runs(connection: AsyncConnection, uid: UUID) -> None:
    """Remove a target's runs with their offers."""
    await connection.execute(delete(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid))


_SHOWN_OFFERS = select(COMPETITOR_OFFERS, SCRAPE_TARGETS.c.namespace, SCRAPE_TARGETS.c.name.label("target_name")).join(
    SCRAPE_TARGETS, _SHOWN
)


async def list_shown(
    connection: AsyncConnection,
    city: str | None,
    target: tuple[str | None, str | None],
    after: tuple[UUID, int] | None,
    limit: int,
) -> list[ShownOffer]:
    """Return the offers that the public sees, in the order of targets and positions.

    ``target`` is a namespace and the name of a target.
    """
    namespace, name = target
    page = _SHOWN_OFFERS
    if city is not None:
        page = page.where(COMPETITOR_OFFERS.c.city == city)
    if namespace is not None:
        page = page.where(SCRAPE_TARGETS.c.namespace == namespace)
    if name is not None:
        page = page.where(SCRAPE_TARGETS.c.name == name)
    if after is not None:
        page = page.where(tuple_(COMPETITOR_OFFERS.c.target, COMPETITOR_OFFERS.c.position) > tuple_(*after))
    page = page.order_by(COMPETITOR_OFFERS.c.target, COMPETITOR_OFFERS.c.position).limit(limit)
    return [ShownOffer(**row) for row in (await connection.execute(page)).mappings()]
