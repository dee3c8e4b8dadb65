"""What other services tell catalog: in any order, more than once, about spaces it may not have."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.catalog.spaces import rules
from mesto.common.messaging.broker import Broker
from mesto.contracts.events import CityChanged, Envelope, Event, SpaceApplied, SpaceLocated
from mesto.contracts.places import Location
from mesto.contracts.spaces import Named, Stop
from mesto.contracts.text import Text
from support.servers.catalog import Stage, city_changed, spec_of
from support.waiting import eventually_async


def applied(space_id: str, revision: int, service: Any = "booking", **changes: Any) -> SpaceApplied:
    answer: dict[str, Any] = {"outcome": "applied", "reason": "Applied", "message": ""}
    return SpaceApplied(space_id=UUID(space_id), revision=revision, service=service, **(answer | changes))


def located(space_id: str, revision: int, district: str | None) -> SpaceLocated:
    name = Text(ru="Район", en="District")
    return SpaceLocated(
        space_id=UUID(space_id),
        revision=revision,
        space_revision=1,
        city=Named(slug="moscow", name=Text(ru="Москва", en="Moscow")),
        district=Named(slug=district, name=name) if district else None,
        transit=[Stop(name="Чистые пруды", line="1", color="#e42518", metres=210)],
    )


async def test_bookable_once_booking_has_applied_this_revision(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    answers, space_id = catalog_stage.catalog.answers, state["space_id"]

    async def reason() -> str:
        now = await catalog_stage.state(uid)
        assert (await catalog_stage.get("/loft"))["bookable"]["reason"] == now["bookable"]["reason"]
        stored = await catalog_stage.sql("SELECT bookable_reason FROM spaces")
        assert stored == [(now["bookable"]["reason"],)]
        return str(now["bookable"]["reason"])

    assert await reason() == "AwaitingBooking"
    await answers.note_applied(applied(space_id, 1, "geo"))
    assert await reason() == "AwaitingBooking"
    await answers.note_applied(applied(space_id, 1))
    assert await reason() == "Bookable"
    await catalog_stage.put(uid, generation=2, spec=spec_of(address="Moved"))
    assert await reason() == "Bookable", "renters book what booking has"
    await answers.note_applied(applied(space_id, 2, outcome="refused", reason="UnknownTimeZone", message="No."))
    assert await reason() == "Bookable"
    await catalog_stage.put(uid, generation=3, spec=spec_of(published=False))
    assert (await catalog_stage.state(uid))["bookable"]["reason"] == "Unpublished"
    await catalog_stage.put(uid, generation=4, spec=spec_of())
    assert await reason() == "AwaitingBooking", "booking has it unpublished"


async def test_a_space_is_listed_and_sold_once_it_was_ready_and_from_then_on(
    catalog_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FIRST", rules.WAITING)
    uid, state = await catalog_stage.create(city="atlantis")
    answers, space_id = catalog_stage.catalog.answers, state["space_id"]

    async def seen() -> tuple[str, bool, int]:
        """Why it can be booked or not, whether booking was told that it is published, and how many see it listed."""
        now, listed = (await catalog_stage.state(uid))["bookable"]["reason"], (await catalog_stage.get())["total"]
        await catalog_stage.get("/loft", status=200 if listed else 404)
        assert bool((await catalog_stage.state(uid))["url"]) is bool(listed), "no address where there is no page"
        return now, (await catalog_stage.events())[-1]["payload"]["published"], listed

    unknown = {"outcome": "refused", "reason": "UnknownCity", "message": "No such city."}
    await answers.note_applied(applied(space_id, 1))
    assert await seen() == ("AwaitingGeo", True, 0)
    await answers.note_located(located(space_id, 1, None))
    await answers.note_applied(applied(space_id, 1, "geo", **unknown))
    assert await seen() == ("UnknownCity", False, 0)
    await answers.note_applied(applied(space_id, 2))
    await answers.note_applied(applied(space_id, 2, "geo", **unknown))
    assert await seen() == ("UnknownCity", False, 0)
    await answers.note_applied(applied(space_id, 2, "geo"))  # the city was declared
    assert await seen() == ("AwaitingBooking", True, 1)
    await answers.note_applied(applied(space_id, 3))
    assert await seen() == ("Bookable", True, 1)
    assert [event["payload"]["revision"] for event in await catalog_stage.events()] == [1, 2, 3]
    await answers.note_applied(applied(space_id, 3, "geo", **unknown))
    assert await seen() == ("Bookable", True, 1), "a later fault leaves what was ready listed and sold"


async def test_a_city_that_nobody_has_declared_never_replaces_one_where_a_space_is_listed(
    catalog_stage: Stage,
) -> None:
    uid, _ = await catalog_stage.create()
    problem = await catalog_stage.put(uid, status=409, generation=2, spec=spec_of(city="atlantis"))
    assert problem["type"].endswith("/unknown-city")
    assert (await catalog_stage.get("/loft"))["city"]["slug"] == "moscow"
    city = {"slug": "atlantis", "revision": 1, "time_zone": "Europe/Moscow", "currency": "RUB"}
    await catalog_stage.catalog.cities.note_city(
        CityChanged(**city, name=Text(en="Atlantis"), center=Location(latitude=1, longitude=1))
    )
    await catalog_stage.put(uid, generation=2, spec=spec_of(city="atlantis"))


async def test_answers_in_every_order_end_the_same(catalog_stage: Stage) -> None:
    answers = [(1, "Applied"), (2, "Applied"), (3, "Refused")]
    for number, order in enumerate(itertools.permutations(answers)):
        uid, state = await catalog_stage.create(f"s{number}")
        for revision, reason in (*order, *order):
            outcome = "refused" if reason == "Refused" else "applied"
            event = applied(state["space_id"], revision, reason=reason, outcome=outcome)
            await catalog_stage.catalog.answers.note_applied(event)
        answer = (await catalog_stage.state(uid))["applied"]
        assert list(answer) == ["booking"]
        told = {"revision": 3, "outcome": "refused", "reason": "Refused"}
        assert {name: answer["booking"][name] for name in told} == told


async def test_a_repeated_answer_is_no_change(catalog_stage: Stage) -> None:
    _, state = await catalog_stage.create()
    for _ in range(2):
        await catalog_stage.catalog.answers.note_applied(applied(state["space_id"], 1))
        await catalog_stage.catalog.answers.note_located(located(state["space_id"], 4, "tverskoy"))
        before = await catalog_stage.sql("SELECT changed_xid FROM spaces")
    assert await catalog_stage.sql("SELECT changed_xid FROM spaces") == before
    assert len(await catalog_stage.events()) == 1


async def test_located_keeps_geos_newest(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    for revision, district in ((2, "tverskoy"), (1, "arbat"), (2, "arbat")):
        await catalog_stage.catalog.answers.note_located(located(state["space_id"], revision, district))
    now = await catalog_stage.state(uid)
    assert now["located"]["district"] == {"slug": "tverskoy", "name": {"ru": "Район", "en": "District"}}
    profile = await catalog_stage.get("/loft", language="ru")
    assert profile["district"] == {"slug": "tverskoy", "name": "Район"}
    assert profile["nearest_transit"] == profile["transit"][0]
    assert profile["transit"][0] == {
        "name": "Чистые пруды",
        "line": "1",
        "latin_name": "Chistye prudy",
        "latin_line": "1",
        "color": "#e42518",
        "metres": 210,
    }
    assert profile["city"] == {"slug": "moscow", "name": "Москва"}
    await catalog_stage.catalog.answers.note_located(located(state["space_id"], 3, None))
    assert (await catalog_stage.get("/loft"))["district"] is None


async def test_answers_reach_the_feed(catalog_stage: Stage) -> None:
    _, state = await catalog_stage.create()
    _, cursor = await catalog_stage.news(1)
    await catalog_stage.catalog.answers.note_applied(applied(state["space_id"], 1))
    (item,), cursor = await catalog_stage.news(1, cursor)
    assert item["bookable"]["status"] is True
    await catalog_stage.catalog.answers.note_located(located(state["space_id"], 1, None))
    (item,), _ = await catalog_stage.news(1, cursor)
    assert item["located"]["district"] is None


async def test_unknown_and_removed_spaces_are_ignored(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    await catalog_stage.remove(uid, "delete")
    before = await catalog_stage.sql("SELECT changed_xid, applied, located FROM spaces")
    for space_id in (state["space_id"], str(uuid4())):
        await catalog_stage.catalog.answers.note_applied(applied(space_id, 1))
        await catalog_stage.catalog.answers.note_located(located(space_id, 1, "arbat"))
    assert await catalog_stage.sql("SELECT changed_xid, applied, located FROM spaces") == before


async def publish(broker: Broker, event: Event) -> None:
    payload: dict[str, Any] = event.model_dump(mode="json")
    envelope = Envelope(id=uuid4(), type=event.type, time="2026-11-23T12:00:00Z", payload=payload)  # type: ignore[arg-type]
    body = envelope.model_dump_json().encode()
    for _ in range(2):
        await broker.publish(event.type, body)


@pytest.fixture
async def other_broker(running_catalog: Stage) -> Any:
    """A broker of somebody else, and what catalog publishes."""
    heard: list[Event] = []

    async def listen(_envelope: Envelope, event: Event) -> None:
        heard.append(event)

    other = Broker(running_catalog.settings.broker_url.get_secret_value(), "other", None, {"space.changed": listen})
    await other.start()
    yield other, heard
    await other.stop()


async def test_over_the_broker_there_and_back(running_catalog: Stage, other_broker: Any) -> None:
    other, heard = other_broker

    async def connected() -> bool:
        try:
            await running_catalog.service.checks["broker"]()
        except ConnectionError:
            return False
        return True

    await eventually_async(connected, "catalog has its broker")
    uid, state = await running_catalog.create()
    await eventually_async(lambda: [event.type for event in heard] == ["space.changed"], "the event goes out")
    await publish(other, applied(str(uuid4()), 1))
    await publish(other, city_changed(1))
    await publish(other, located(state["space_id"], 1, "arbat"))
    await publish(other, applied(state["space_id"], 1))

    async def settled() -> bool:
        now = await running_catalog.state(uid)
        return bool(now["bookable"]["status"] and now["located"])

    await eventually_async(settled, "catalog has heard of booking and geo")
    assert await running_catalog.events() == []
