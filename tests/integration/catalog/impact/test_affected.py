"""Changes that could strand bookings: booking is asked first, outside any transaction, and only about those."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.common.http.internal_client import RequestRejected, ServiceUnavailable
from support.servers.catalog import DESK, Stage, spec_of, upsert_of

FEWER = spec_of(resources=[DESK | {"seats": 1}])
AWAY = ServiceUnavailable("booking does not answer")


async def put_changed_spec(
    stage: Stage, uid: UUID, spec: dict[str, Any], status: int = 200, **changes: Any
) -> dict[str, Any]:
    return await stage.put(uid, status, generation=2, spec=spec, **changes)


def slug(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition("/")[2]


async def test_what_strands_nobody_asks_nobody(catalog_stage: Stage) -> None:
    catalog_stage.booking.away = AWAY
    uid, _ = await catalog_stage.create()
    wider = spec_of(resources=[DESK | {"seats": 5}], title={"en": "Quiet"})
    assert (await put_changed_spec(catalog_stage, uid, wider))["outcome"] == "updated"
    await catalog_stage.remove(uid, "retain")
    assert catalog_stage.booking.asked == []


async def test_a_change_that_strands_nobody_after_all_is_made(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    assert (await put_changed_spec(catalog_stage, uid, FEWER))["outcome"] == "updated"
    [(method, body)] = catalog_stage.booking.asked
    assert (method, body["revision"], body["accepted"]) == ("PUT", state["revision"] + 1, False)
    assert body["space"]["resources"][0]["seats"] == 1
    event = (await catalog_stage.events())[-1]["payload"]
    assert event["resources"][0]["id"] == body["space"]["resources"][0]["id"]
    assert event["revision"] == body["revision"]
    assert catalog_stage.booking.kept, "it stands until booking has applied the revision"


async def test_a_move_is_asked_about(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    catalog_stage.booking.confirmed = 1
    far = spec_of(location={"latitude": 55.80, "longitude": 37.63})
    for moved in (spec_of(address="Покровка, 1"), far):
        assert slug(await put_changed_spec(catalog_stage, uid, moved, 409)) == "would-affect-bookings"
    [(_, first), (_, second)] = catalog_stage.booking.asked
    assert first["space"]["place"]["address"] == "Покровка, 1"
    assert second["space"]["place"]["location"] == {"latitude": 55.8, "longitude": 37.63}


async def test_a_change_that_strands_bookings_waits_until_it_is_accepted(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    catalog_stage.booking.confirmed = 2
    problem = await put_changed_spec(catalog_stage, uid, FEWER, 409)
    assert slug(problem) == "would-affect-bookings"
    assert problem["detail"] == "It would strand 2 confirmed bookings, the last until 2100-01-01 12:00 UTC."
    assert (await catalog_stage.state(uid))["revision"] == state["revision"]
    assert catalog_stage.booking.kept == set()
    assert (await put_changed_spec(catalog_stage, uid, FEWER, accept_affected=True))["outcome"] == "updated"
    assert len(catalog_stage.booking.kept) == 1


async def test_while_booking_is_away_the_change_waits_unless_accepted(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    for error in (AWAY, RequestRejected(409, "too-many-proposals", "Too many.", {})):
        catalog_stage.booking.away = error
        problem = await put_changed_spec(catalog_stage, uid, FEWER, 424)
        assert slug(problem) == "booking-unavailable"
        assert str(error) in problem["detail"]
    assert (await catalog_stage.state(uid))["revision"] == state["revision"]
    assert (await put_changed_spec(catalog_stage, uid, FEWER, accept_affected=True))["outcome"] == "updated"


async def test_a_batch_settles_what_needs_no_question_first(catalog_stage: Stage) -> None:
    made = [(name, *(await catalog_stage.create(name))) for name in ("a", "b")]
    catalog_stage.booking.confirmed = 1
    new = uuid4()
    seen: list[int] = []

    async def count_changed_rows() -> None:
        rows = await catalog_stage.sql("SELECT slug FROM catalog.spaces WHERE generation = 2 OR slug = 'new'")
        seen.append(len(rows))

    catalog_stage.booking.meanwhile = count_changed_rows
    items = [
        upsert_of("a", generation=2, spec=FEWER) | {"uid": str(made[0][1])},
        upsert_of("b", generation=2, spec=spec_of(title={"en": "Quiet"})) | {"uid": str(made[1][1])},
        upsert_of("new") | {"uid": str(new)},
    ]
    answer = (await catalog_stage.operator.post("/internal/spaces", json={"items": items})).json()["items"]
    assert seen == [2]
    assert [answered["uid"] for answered in answer] == [item["uid"] for item in items]
    refusal = answer[0]["refusal"]
    assert (refusal["status"], refusal["slug"]) == (409, "would-affect-bookings")
    assert [item["result"]["outcome"] for item in answer[1:]] == ["updated", "created"]


async def test_a_space_that_changes_while_booking_is_asked_is_asked_about_again(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    changes = iter([spec_of(title={"en": "Quiet"})])

    async def other() -> None:
        if (spec := next(changes, None)) is not None:
            catalog_stage.booking.meanwhile = None
            await put_changed_spec(catalog_stage, uid, spec)

    catalog_stage.booking.meanwhile = other
    assert (await catalog_stage.put(uid, generation=3, spec=FEWER))["state"]["revision"] == state["revision"] + 2
    asked = [(method, body.get("revision")) for method, body in catalog_stage.booking.asked]
    assert asked == [("PUT", 2), ("DELETE", None), ("PUT", 3)]
    assert len(catalog_stage.booking.kept) == 1


async def test_a_space_that_never_rests_is_refused_for_now_and_nothing_stays_proposed(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()

    async def other() -> None:
        await catalog_stage.sql("UPDATE catalog.spaces SET revision = revision + 1")

    catalog_stage.booking.meanwhile = other
    assert slug(await put_changed_spec(catalog_stage, uid, FEWER, 503)) == "temporarily-unavailable"
    assert catalog_stage.booking.kept == set()


async def test_a_refusal_after_the_question_withdraws_the_proposal(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()

    async def other() -> None:
        catalog_stage.booking.meanwhile = None
        await catalog_stage.create("wanted")

    catalog_stage.booking.meanwhile = other
    problem = await put_changed_spec(catalog_stage, uid, FEWER, 409, slug="wanted")
    assert slug(problem) == "slug-conflict"
    assert catalog_stage.booking.kept == set()


async def test_removing_a_space_asks_and_retaining_does_not(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    catalog_stage.booking.confirmed = 1
    assert slug(await catalog_stage.remove(uid, "delete", 409)) == "would-affect-bookings"
    catalog_stage.booking.away = AWAY
    assert slug(await catalog_stage.remove(uid, "delete", 424)) == "booking-unavailable"
    assert (await catalog_stage.state(uid))["revision"] == state["revision"]
    catalog_stage.booking.away = None
    await catalog_stage.remove(uid, "delete", accept_affected=True)
    assert catalog_stage.booking.asked[-1] == ("PUT", {"space": None, "revision": 2, "accepted": True})
    assert (await catalog_stage.events())[-1]["type"] == "space.removed"


async def test_the_question_alone_changes_nothing(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    catalog_stage.booking.confirmed = 2
    path = f"/internal/spaces/{uid}/affected"
    asker = catalog_stage.caller("cli")
    for spec, count in ((FEWER, 2), (None, 2), (spec_of(), 0)):
        answer = (await asker.post(path, json={"spec": spec})).json()
        assert answer["affected"] == count
        assert (answer["seconds"] is None) == (count == 0)
    assert [method for method, _ in catalog_stage.booking.asked] == ["POST", "POST"]
    assert (await catalog_stage.state(uid))["revision"] == state["revision"]
    assert (await asker.post(path, json={"spec": spec_of(time_zone="Nowhere/At")})).status_code == 422
    assert (await asker.post(f"/internal/spaces/{uuid4()}/affected", json={"spec": None})).status_code == 404
    assert (await catalog_stage.caller("geo").post(path, json={"spec": None})).status_code == 403
    catalog_stage.booking.away = AWAY
    assert (await asker.post(path, json={"spec": None})).status_code == 424


@pytest.mark.parametrize("times", [8])
async def test_the_same_change_from_many_at_once_is_made_once(catalog_stage: Stage, times: int) -> None:
    uid, state = await catalog_stage.create()
    answers = await asyncio.gather(*(put_changed_spec(catalog_stage, uid, FEWER) for _ in range(times)))
    assert {answer["state"]["revision"] for answer in answers} == {state["revision"] + 1}
    assert sum(answer["outcome"] == "updated" for answer in answers) == 1
    assert len(await catalog_stage.events()) == 2
