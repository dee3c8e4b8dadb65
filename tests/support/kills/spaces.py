"""Declared spaces: a load of changes, and the check that every row and every condition is that of the last one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from support.clients.spaces import conditions
from support.kills.world import SEATS, Violation, World

CITIES = {"moscow": (55.76, 37.63), "new-york": (40.75, -73.98)}


def change(world: World, name: str, chance: random.Random) -> None:
    """Declare something new of a space."""
    city = chance.choice(list(CITIES))
    latitude, longitude = CITIES[city]
    world.resources.apply(
        world.space(
            name,
            title={"en": f"{name} {chance.randrange(10**6)}"},
            city=city,
            location={
                "latitude": round(latitude + chance.uniform(-0.05, 0.05), 6),
                "longitude": round(longitude + chance.uniform(-0.05, 0.05), 6),
            },
            seats=chance.randint(1, 9),
            amount=f"{chance.randint(1, 900)}.00",
            published=chance.random() < 0.8,
            deletionPolicy=chance.choice(("Retain", "Delete")),
        )
    )


def change_hot(world: World, chance: random.Random) -> None:
    """Rename a hot space and give it a seat more, or take one away, while it is being booked."""
    hot = chance.choice(list(world.hot.values()))
    declared = world.resources.declared[hot.name]
    assert declared is not None
    kept = {name: declared["spec"][name] for name in ("booking", "owner")}
    title = {"en": f"{hot.name} {chance.randrange(10**6)}"}
    world.most_seats = SEATS + 1
    world.resources.apply(world.space(hot.name, title=title, seats=SEATS + chance.randint(0, 1), **kept))


def steps(world: World, seed: Any, count: int = 6) -> None:
    """Apply, change and delete spaces until the world's load is over."""
    chance = random.Random(seed)
    names = [f"{world.namespace}-churn-{number}" for number in range(count)]
    while not world.over.is_set():
        name = chance.choice(names)
        declared = world.resources.declared.get(name)
        if chance.random() < 0.2:
            change_hot(world, chance)
        elif declared is not None and chance.random() < 0.35:
            # What catalog never had cannot be retained by it.
            if conditions(world.resources.get(name) or {}).get("Synced", {}).get("status") == "True":
                world.resources.delete(name)
        elif declared is not None or world.resources.get(name) is None:  # what is being deleted cannot be declared
            change(world, name, chance)
        world.over.wait(chance.uniform(0.1, 0.3))


def accept(world: World) -> None:
    """Let go on what waits because it would strand bookings: a seat less of a hot space, when the load is over."""
    for name, resource in world.resources.all().items():
        ready, generation = conditions(resource).get("Ready", {}), resource["metadata"]["generation"]
        if (ready.get("reason"), ready.get("observedGeneration")) == ("WouldAffectBookings", generation):
            world.resources.accept(name, generation)


# The check.

_ROWS = """
    SELECT s.name, s.slug, s.managed, s.removed, s.published, s.title->>'en', s.city, s.revision, s.generation, s.uid,
        (SELECT array_agg(r.name || ' ' || r.seats || ' ' || p.amount) FROM catalog.resources r
            JOIN catalog.prices p ON p.resource_id = r.id WHERE r.space_id = s.id),
        b.revision, b.removed, b.published, b.title->>'en',
        (SELECT array_agg(r.name || ' ' || r.seats || ' ' || (r.prices->0->>'amount')) FROM booking.resources r
            WHERE r.space_id = s.id AND r.active),
        g.space_revision, g.removed, g.city,
        round(ST_Y(g.position::geometry)::numeric, 6), round(ST_X(g.position::geometry)::numeric, 6),
        s.located_revision, g.revision
    FROM catalog.spaces s LEFT JOIN booking.spaces b ON b.id = s.id LEFT JOIN geo.positions g ON g.space_id = s.id
    WHERE s.namespace = %s
"""
_COLUMNS = (
    *("name", "slug", "managed", "removed", "published", "title", "city", "revision", "generation", "uid"),
    *("resources", "b_revision", "b_removed", "b_published", "b_title", "b_resources"),
    *("g_revision", "g_removed", "g_city", "latitude", "longitude", "located_revision", "g_own_revision"),
)


def rows(world: World) -> Iterator[Violation]:
    """Catalog, booking and geo have the last declared spec, and what was deleted is gone or retained as declared."""
    found: dict[str, list[dict[str, Any]]] = {}
    for values in world.sql(_ROWS, world.namespace):
        row = dict(zip(_COLUMNS, values, strict=True))
        yield from _projections(row)
        if not row["removed"]:
            found.setdefault(row["name"], []).append(row)
    for name, declared in world.resources.declared.items():
        mine = found.get(name, [])
        kept = declared is not None or world.resources.deleted_with[name] == "Retain"
        if len(mine) != kept:
            yield Violation("space", f"{name} has {len(mine)} rows in catalog, not {int(kept)}")
        elif declared is None:
            if mine and (mine[0]["managed"] or mine[0]["published"]):
                yield Violation("space", f"{name} is deleted and still managed or published")
        else:
            yield from _declared(mine[0], declared["spec"])


def _declared(row: dict[str, Any], spec: dict[str, Any]) -> Iterator[Violation]:
    desk = spec["resources"][0]
    expected = {
        "managed": True,
        "published": spec["published"],
        "title": spec["title"]["en"],
        "city": spec["city"],
        "resources": [f"{desk['name']} {desk['seats']} {desk['prices'][0]['amount']}"],
    }
    there = {name: row[name] for name in expected}
    if there != expected:
        yield Violation("space", f"catalog has {row['name']} as {there}, declared is {expected}")
    place = {"latitude": spec["location"]["latitude"], "longitude": spec["location"]["longitude"]}
    if any(row[name] is None or float(row[name]) != value for name, value in place.items()):
        yield Violation("projection", f"geo has {row['name']} at {row['latitude']}, {row['longitude']}, not {place}")


def _projections(row: dict[str, Any]) -> Iterator[Violation]:
    pairs = [("revision", "b_revision"), ("revision", "g_revision"), ("removed", "b_removed"), ("removed", "g_removed")]
    if not row["removed"]:
        pairs += [("published", "b_published"), ("title", "b_title"), ("resources", "b_resources")]
        pairs += [("city", "g_city"), ("g_own_revision", "located_revision")]
    for owner, projection in pairs:
        if row[owner] != row[projection]:
            text = f"{row['name']}: {projection} is {row[projection]!r}, {owner} is {row[owner]!r}"
            yield Violation("projection", text)


def resources(world: World) -> Iterator[Violation]:
    """Every resource's conditions name its generation and say what is so; what was deleted is gone."""
    found = world.resources.all()
    for name in found.keys() - {name for name, declared in world.resources.declared.items() if declared}:
        yield Violation(
            "condition", f"{name} was deleted and is still there: {found[name]['metadata'].get('finalizers')}"
        )
    for name, declared in world.resources.declared.items():
        if declared is None:
            continue
        if name not in found:
            yield Violation("lost", f"resource {name}")
            continue
        yield from _conditions(name, found[name], published=declared["spec"]["published"])


def _conditions(name: str, resource: dict[str, Any], *, published: bool) -> Iterator[Violation]:
    known, generation = conditions(resource), resource["metadata"]["generation"]
    if resource.get("status", {}).get("observedGeneration") != generation:
        yield Violation("condition", f"{name}: generation {generation} is not observed")
    expected = {"Ready": "True", "Synced": "True", "Located": "True", "Bookable": "True" if published else "False"}
    for kind, status in expected.items():
        condition = known.get(kind, {})
        if (condition.get("status"), condition.get("observedGeneration")) != (status, generation):
            yield Violation("condition", f"{name}: {kind} is {condition}, wanted {status} of generation {generation}")


CHECKS = [rows, resources]
