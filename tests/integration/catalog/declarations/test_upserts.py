"""Every outcome of declaring, changing and removing a space, with its event."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from mesto.contracts.events import SpaceChanged
from mesto.contracts.spaces import SpaceSpec, fingerprint
from support.servers.catalog import DESK, Stage, item_of, spec_of, upsert_of
from support.waiting import eventually_async

FULL: dict[str, Any] = {
    "title": {"ru": "Лофт", "en": None},
    "description": {"ru": None, "en": "Quiet."},
    "city": "moscow",
    "address": "Мясницкая улица, 13",
    "location": {"latitude": 55.76361234567891, "longitude": -0.1},
    "time_zone": "Europe/Moscow",
    "opening_hours": [{"days": ["sun", "mon"], "open": "08:00", "close": "24:00"}],
    "exceptions": [{"date": "2027-01-01", "closed": True, "open": None, "close": None}],
    "amenities": ["wifi", "coffee"],
    "photos": [{"url": "https://images.example.org/a.jpg", "caption": {"ru": None, "en": "Room"}}],
    "contacts": {"phone": "+74951234567", "email": None, "website": None},
    "owner_email": "o@example.org",
    "resources": [
        {
            "name": name,
            "kind": "meeting_room",
            "title": None,
            "seats": 7,
            "capacity": 9,
            "prices": [
                {"per": "month", "amount": "0.10", "currency": "USD"},
                {"per": "hour", "amount": "1000000000.00", "currency": "RUB"},
            ],
            "slot_minutes": 15,
            "min_duration_minutes": None,
            "max_duration_minutes": 60,
            "buffer_minutes": 5,
            "min_notice_minutes": 1,
            "max_advance_days": 30,
        }
        for name in ("b", "a")
    ],
    "booking": {"approval": None, "hold_minutes": 7, "cancellation": []},
    "published": True,
}


async def test_created_with_a_whole_event(catalog_stage: Stage) -> None:
    uid = uuid4()
    answer = await catalog_stage.put(uid)
    state = answer["state"]
    assert answer["outcome"] == "created"
    assert (state["uid"], state["slug"], state["revision"], state["generation"]) == (str(uid), "loft", 1, 1)
    assert state["url"] == "http://mesto.test/spaces/loft"
    assert state["bookable"]["reason"] == "AwaitingBooking"
    (envelope,) = await catalog_stage.events()
    event = SpaceChanged.model_validate(envelope["payload"])
    assert (envelope["type"], str(event.space_id), event.revision) == ("space.changed", state["space_id"], 1)
    assert (event.policy.hold_minutes, event.owner_email, event.published) == (15, "owner@example.org", True)
    assert [str(price.amount) for price in event.resources[0].prices] == ["250.00"]


async def test_the_fingerprint_is_that_of_what_was_sent(catalog_stage: Stage) -> None:
    for declared in (FULL, spec_of()):
        uid = uuid4()
        sent = upsert_of(slug=f"s-{uid.hex[:8]}", spec=declared)
        state = (await catalog_stage.put(uid, **sent))["state"]
        document = SpaceSpec.model_validate(declared).model_dump(mode="json")
        assert state["fingerprint"] == fingerprint(sent["slug"], document)
        assert (await catalog_stage.put(uid, **sent))["outcome"] == "unchanged"


async def test_the_same_again_writes_nothing(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    before = await catalog_stage.sql("SELECT changed_xid, updated_at FROM spaces")
    again = await catalog_stage.put(uid)
    assert again == {"outcome": "unchanged", "state": state}
    assert await catalog_stage.sql("SELECT changed_xid, updated_at FROM spaces") == before
    assert len(await catalog_stage.events()) == 1


async def test_a_new_generation_of_the_same_content_is_noted_without_a_revision(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    answer = await catalog_stage.put(uid, generation=2)
    assert answer["outcome"] == "updated"
    assert answer["state"] == state | {"generation": 2}
    assert len(await catalog_stage.events()) == 1


async def test_changed_content_is_a_revision_and_ids_of_resources_stay(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    room = DESK | {"name": "room", "kind": "meeting_room"}
    for generation, resources in ((2, [room, DESK | {"seats": 5}]), (3, [room]), (4, [DESK])):
        answer = await catalog_stage.put(uid, generation=generation, spec=spec_of(resources=resources))
        assert (answer["outcome"], answer["state"]["revision"]) == ("updated", generation)
    ids = [
        {resource["name"]: resource["id"] for resource in envelope["payload"]["resources"]}
        for envelope in await catalog_stage.events()
    ]
    assert ids[0]["open-space"] == ids[1]["open-space"] == ids[3]["open-space"]
    assert ids[1]["room"] == ids[2]["room"] != ids[1]["open-space"]


async def test_an_older_generation_is_refused(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await catalog_stage.put(uid, generation=5)
    problem = await catalog_stage.put(uid, status=409, generation=4)
    assert problem["type"].endswith("/stale-generation")


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE spaces SET address = 'elsewhere'",
        "UPDATE spaces SET title = '{}'",
        "UPDATE resources SET seats = 99",
        "UPDATE resources SET title = 'null'::jsonb, slot_minutes = 60",
        "UPDATE prices SET amount = 1",
        "DELETE FROM prices",
        "DELETE FROM resources",
        "UPDATE spaces SET opening_hours = '[]'",
        "UPDATE spaces SET policy = '{}'",
    ],
)
async def test_what_somebody_edits_by_sql_is_seen_and_put_right(catalog_stage: Stage, edit: str) -> None:
    uid, state = await catalog_stage.create()
    await catalog_stage.sql(edit)
    if "policy" not in edit:
        assert (await catalog_stage.state(uid))["fingerprint"] != state["fingerprint"]
    answer = await catalog_stage.put(uid)
    assert (answer["outcome"], answer["state"]["revision"]) == ("updated", 2)
    assert answer["state"]["fingerprint"] == state["fingerprint"]
    first, second = await catalog_stage.events()
    assert first["payload"] | {"revision": 2} == second["payload"]


async def test_a_space_edited_by_sql_comes_up_in_the_feed(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    _, cursor = await catalog_stage.news(1)
    await catalog_stage.sql("UPDATE spaces SET address = 'elsewhere'")
    items, _ = await catalog_stage.news(1, cursor)
    assert [item["uid"] for item in items] == [str(uid)]


async def test_a_taken_slug_names_its_holder(catalog_stage: Stage) -> None:
    _, state = await catalog_stage.create()
    problem = await catalog_stage.put(uuid4(), status=409, namespace="moscow", name="copy", slug="loft")
    assert problem["type"].endswith("/slug-conflict")
    assert problem["space_id"] == state["space_id"]
    foreign = await catalog_stage.put(uuid4(), status=409, namespace="other", name="copy", slug="loft")
    assert "space_id" not in foreign
    assert "moscow/loft" in problem["detail"]
    assert len(await catalog_stage.events()) == 1


async def test_a_slug_can_change_to_a_free_one(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await catalog_stage.create("attic")
    moved = await catalog_stage.put(uid, generation=2, slug="new-loft")
    assert (moved["outcome"], moved["state"]["slug"]) == ("updated", "new-loft")
    taken = await catalog_stage.put(uid, status=409, generation=3, slug="attic")
    assert taken["type"].endswith("/slug-conflict")
    assert (await catalog_stage.put(uuid4(), name="second", slug="loft"))["outcome"] == "created"


async def test_retained_rows_are_unpublished_and_go_back_to_their_name(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    for _ in range(2):
        await catalog_stage.remove(uid, "retain")
    first, second = await catalog_stage.events()
    assert (first["payload"]["published"], second["payload"]["published"]) == (True, False)
    assert (await catalog_stage.operator.get(f"/internal/spaces/{uid}")).status_code == 404
    await catalog_stage.get("/loft", status=404)
    back = await catalog_stage.put(uuid4())
    assert (back["outcome"], back["state"]["space_id"], back["state"]["revision"]) == ("adopted", state["space_id"], 3)
    await catalog_stage.get("/loft")


async def test_others_need_the_adopt_annotation(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    await catalog_stage.remove(uid, "retain")
    other = {"namespace": "moscow", "name": "copy", "slug": "loft"}
    problem = await catalog_stage.put(uuid4(), status=409, **other)
    assert problem["type"].endswith("/adopt-needed")
    assert state["space_id"] in problem["detail"]
    problem = await catalog_stage.put(uuid4(), status=409, **other, adopt=str(uuid4()))
    assert problem["type"].endswith("/adopt-needed")
    adopter = uuid4()
    adopted = await catalog_stage.put(adopter, **other, adopt=state["space_id"])
    assert (adopted["outcome"], adopted["state"]["space_id"]) == ("adopted", state["space_id"])
    assert (await catalog_stage.put(adopter, **other, adopt=state["space_id"]))["outcome"] == "unchanged"
    # What is left of the first resource has nothing to remove any more.
    await catalog_stage.remove(uid, "delete")
    assert (await catalog_stage.state(adopter))["revision"] == 3


async def test_deleted_spaces_are_removed_and_leave_a_tombstone(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    for _ in range(2):
        await catalog_stage.remove(uid, "delete")
    removed = (await catalog_stage.events())[1:]
    assert [(event["type"], event["payload"]["revision"]) for event in removed] == [("space.removed", 2)]
    ((item,), _) = await catalog_stage.news(1)
    assert (item["uid"], item["removed"], item["revision"]) == (str(uid), True, 2)
    assert await catalog_stage.sql("SELECT FROM resources UNION ALL SELECT FROM prices") == []
    assert await catalog_stage.sql("SELECT owner_email, contacts FROM spaces") == [(None, None)]
    again = await catalog_stage.put(uuid4())
    assert again["outcome"] == "created"
    assert again["state"]["space_id"] != state["space_id"]


async def test_what_never_synced_deletes_nothing(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await catalog_stage.put(never := uuid4(), status=409, namespace="other", name="copy", slug="loft")
    for policy in ("retain", "delete"):
        await catalog_stage.remove(never, policy)
    assert (await catalog_stage.state(uid))["revision"] == 1


async def test_faults_are_named_by_field(catalog_stage: Stage) -> None:
    body = spec_of(time_zone="Nowhere/At", resources=[DESK, DESK])
    problem = await catalog_stage.put(uuid4(), status=422, spec=body)
    assert [error["field"] for error in problem["errors"]] == ["spec.time_zone", "spec.resources"]
    problem = await catalog_stage.put(uuid4(), status=422, spec=spec_of(citty="x"))
    assert [error["field"] for error in problem["errors"]] == ["spec.citty"]
    assert await catalog_stage.events() == []


async def test_only_the_operator_may(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    for name in ("booking", "geo", "cli"):
        stranger = catalog_stage.caller(name)
        assert (await stranger.put(f"/internal/spaces/{uid}", json=upsert_of())).status_code == 403
        assert (await stranger.post("/internal/spaces", json={"items": [item_of("loft")]})).status_code == 403
        assert (await stranger.delete(f"/internal/spaces/{uid}?policy=delete")).status_code == 403
        assert (await stranger.get(f"/internal/spaces/{uid}")).status_code == 403
        assert (await stranger.get("/internal/spaces/changes")).status_code == 403
    bare = await catalog_stage.operator.get(f"/internal/spaces/{uid}", auth=None)
    assert bare.status_code == 401
    assert (await catalog_stage.operator.get("/internal/snapshot/spaces")).status_code == 403


async def test_one_slug_claimed_by_many_at_once_has_one_winner(catalog_stage: Stage) -> None:
    async def claim(number: int) -> tuple[int, str]:
        body = upsert_of(f"space-{number}", slug="wanted")
        answer = await catalog_stage.operator.put(f"/internal/spaces/{uuid4()}", json=body)
        return answer.status_code, answer.json().get("type", "").rpartition("/")[2]

    answers = await asyncio.gather(*(claim(number) for number in range(12)))
    assert sorted(answers) == [(200, ""), *[(409, "slug-conflict")] * 11]
    assert len(await catalog_stage.events()) == 1


async def test_the_snapshot_is_what_the_last_events_told(catalog_stage: Stage) -> None:
    uids = [(await catalog_stage.create(f"s{number}"))[0] for number in range(5)]
    await catalog_stage.remove(uids[0], "delete")
    await catalog_stage.remove(uids[1], "retain")
    newest: dict[str, Any] = {}
    for envelope in await catalog_stage.events():
        payload = envelope["payload"]
        newest[payload["space_id"]] = {"type": envelope["type"], "payload": payload}
    booking, told, cursor = catalog_stage.caller("booking"), [], ""
    while cursor is not None:
        page = (await booking.get("/internal/snapshot/spaces", params={"cursor": cursor, "limit": 2})).json()
        told += page["items"]
        cursor = page["next_cursor"]
    assert {event["payload"]["space_id"]: event for event in told} == newest
    assert len(told) == 5
    some = [event["payload"]["space_id"] for event in told[1:4]]
    page = (await booking.get("/internal/snapshot/spaces", params={"id": [*some, str(uuid4())]})).json()
    assert page == {"items": told[1:4], "next_cursor": None}
    for wrong in ({"cursor": "nonsense"}, {"limit": 0}, {"page": 2}):
        assert (await booking.get("/internal/snapshot/spaces", params=wrong)).status_code == 422


async def test_a_retained_space_that_nobody_took_can_still_be_deleted_by_its_resource(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await catalog_stage.remove(uid, "retain")
    await catalog_stage.remove(uid, "delete")
    assert [event["type"] for event in await catalog_stage.events()][2:] == ["space.removed"]
    assert await catalog_stage.sql("SELECT removed, bookable_reason FROM spaces") == [(True, "Removed")]


async def test_the_gauge_counts_spaces_by_reason(running_catalog: Stage) -> None:
    await running_catalog.create()
    await running_catalog.create("draft", published=False)
    internal = running_catalog.operator

    async def counted() -> bool:
        text = (await internal.get("/metrics")).text
        return all(
            f'mesto_catalog_spaces{{reason="{reason}"}} 1.0' in text for reason in ("AwaitingBooking", "Unpublished")
        )

    await eventually_async(counted, "the gauge is refreshed")
