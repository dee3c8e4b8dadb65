"""Competitors' offers in the database: targets, their runs, and the offers of each run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mesto.catalog.tables import COMPETITOR_OFFERS, SCRAPE_RUNS, SCRAPE_TARGETS
from mesto.contracts.offers import BATCH, RUNS_KEPT, Offer
from sqlalchemy import Row, and_, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

_SHOWN = and_(SCRAPE_TARGETS.c.uid == COMPETITOR_OFFERS.c.target, SCRAPE_TARGETS.c.shown_run == COMPETITOR_OFFERS.c.run)


async def lock_target(connection: AsyncConnection, uid: UUID) -> Row[Any] | None:
    """The target; whatever changes its runs or offers holds this lock."""
    found = await connection.execute(select(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid).with_for_update())
    return found.one_or_none()


async def put_target(connection: AsyncConnection, uid: UUID, namespace: str, name: str) -> Row[Any]:
    """Make the target known if it is not, and lock it."""
    new = upsert(SCRAPE_TARGETS).values(uid=uid, namespace=namespace, name=name).on_conflict_do_nothing()
    await connection.execute(new)
    target = await lock_target(connection, uid)
    assert target is not None
    return target


async def target(connection: AsyncConnection, uid: UUID) -> Row[Any] | None:
    """The target as it is."""
    return (await connection.execute(select(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid))).one_or_none()


async def change_target(connection: AsyncConnection, uid: UUID, columns: dict[str, Any]) -> None:
    """Change columns of a target."""
    await connection.execute(update(SCRAPE_TARGETS).where(SCRAPE_TARGETS.c.uid == uid).values(columns))


async def run(connection: AsyncConnection, run_id: str) -> Row[Any] | None:
    """The run."""
    return (await connection.execute(select(SCRAPE_RUNS).where(SCRAPE_RUNS.c.id == run_id))).one_or_none()


async def runs(connection: AsyncConnection, uid: UUID) -> Sequence[Row[Any]]:
    """The runs of a target, newest first."""
    newest = select(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid)
    newest = newest.order_by(SCRAPE_RUNS.c.started_at.desc(), SCRAPE_RUNS.c.id.desc()).limit(RUNS_KEPT)
    return (await connection.execute(newest)).all()


async def insert_run(connection: AsyncConnection, columns: dict[str, Any]) -> None:
    """Begin a run, and forget the oldest ones beyond RUNS_KEPT but the one that is shown."""
    await connection.execute(upsert(SCRAPE_RUNS).values(columns).on_conflict_do_nothing())
    uid = columns["target"]
    shown = select(SCRAPE_TARGETS.c.shown_run).where(SCRAPE_TARGETS.c.uid == uid).scalar_subquery()
    kept = select(SCRAPE_RUNS.c.id).where(SCRAPE_RUNS.c.target == uid)
    kept = kept.order_by(SCRAPE_RUNS.c.started_at.desc(), SCRAPE_RUNS.c.id.desc()).limit(RUNS_KEPT)
    old = and_(SCRAPE_RUNS.c.id.not_in(kept), SCRAPE_RUNS.c.id.is_distinct_from(shown))
    await connection.execute(delete(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid, old))


async def finish_run(connection: AsyncConnection, run_id: str, columns: dict[str, Any]) -> None:
    """Note how a run ended."""
    await connection.execute(update(SCRAPE_RUNS).where(SCRAPE_RUNS.c.id == run_id).values(columns))


async def put_batch(connection: AsyncConnection, uid: UUID, run_id: str, batch: int, offers: Sequence[Offer]) -> None:
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


def _columns(offer: Offer) -> dict[str, Any]:
    columns = offer.model_dump(exclude={"price", "terms", "location"})
    price, location = offer.price, offer.location
    return columns | {
        "latitude": location.latitude if location else None,
        "longitude": location.longitude if location else None,
        "amount": price.amount if price else None,
        "currency": price.currency if price else None,
        "per": price.per if price else None,
        "terms": offer.terms.model_dump(mode="json"),
    }


async def count(connection: AsyncConnection, uid: UUID, run_id: str) -> int:
    """How many offers a run has stored."""
    counted = select(func.count()).select_from(COMPETITOR_OFFERS)
    counted = counted.where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run == run_id)
    return int((await connection.execute(counted)).scalar_one())


async def drop_offers(connection: AsyncConnection, uid: UUID, run_id: str) -> None:
    """Remove the offers of one run."""
    await connection.execute(
        delete(COMPETITOR_OFFERS).where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run == run_id)
    )


async def drop_others(connection: AsyncConnection, uid: UUID, shown: Row[Any]) -> None:
    """Remove the offers of runs that began before the shown one: none of them will be shown again."""
    before = tuple_(SCRAPE_RUNS.c.started_at, SCRAPE_RUNS.c.id) < tuple_(shown.started_at, shown.id)
    old = select(SCRAPE_RUNS.c.id).where(SCRAPE_RUNS.c.target == uid, before)
    await connection.execute(
        delete(COMPETITOR_OFFERS).where(COMPETITOR_OFFERS.c.target == uid, COMPETITOR_OFFERS.c.run.in_(old))
    )


async def drop_runs(connection: AsyncConnection, uid: UUID) -> None:
    """Remove a target's runs with their offers."""
    await connection.execute(delete(SCRAPE_RUNS).where(SCRAPE_RUNS.c.target == uid))


async def shown(
    connection: AsyncConnection,
    city: str | None,
    target: tuple[str | None, str | None],
    after: tuple[UUID, int] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The offers that the public sees, in the order of targets and positions; ``target_name`` beside each.

    ``target`` is a namespace and the name of a target.
    """
    namespace, name = target
    beside = SCRAPE_TARGETS.c.namespace, SCRAPE_TARGETS.c.name.label("target_name")
    page = select(COMPETITOR_OFFERS, *beside).join(SCRAPE_TARGETS, _SHOWN)
    if city is not None:
        page = page.where(COMPETITOR_OFFERS.c.city == city)
    if namespace is not None:
        page = page.where(SCRAPE_TARGETS.c.namespace == namespace)
    if name is not None:
        page = page.where(SCRAPE_TARGETS.c.name == name)
    if after is not None:
        page = page.where(tuple_(COMPETITOR_OFFERS.c.target, COMPETITOR_OFFERS.c.position) > tuple_(*after))
    page = page.order_by(COMPETITOR_OFFERS.c.target, COMPETITOR_OFFERS.c.position).limit(limit)
    return (await connection.execute(page)).all()
