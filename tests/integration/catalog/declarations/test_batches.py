"""Several declared spaces in one request, and several requests at once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from support.servers.catalog import Stage, item_of, spec_of, upsert_of


async def declare_batch(stage: Stage, *items: dict[str, Any], status: int = 200) -> list[dict[str, Any]]:
    answer = await stage.operator.post("/internal/spaces", json={"items": items})
    assert answer.status_code == status, answer.text
    told: list[dict[str, Any]] = answer.json().get("items", [])
    return told


def heads(told: list[dict[str, Any]]) -> list[str]:
    return [item["result"]["outcome"] if item["result"] else item["refusal"]["slug"] for item in told]


async def test_several_spaces_in_one_request_each_have_their_answer(catalog_stage: Stage) -> None:
    known, _ = await catalog_stage.create("known")
    same, _ = await catalog_stage.create("same")
    newer, _ = await catalog_stage.create("newer")
    before = len(await catalog_stage.events())
    items = [
        item_of("first"),
        item_of("known", known, generation=2, spec=spec_of(address="Elsewhere 1")),
        item_of("same", same),
        item_of("newer", newer, generation=7),
        item_of("wrong", spec=spec_of(time_zone="Mars/Base")),
        item_of("second", slug="first"),
        item_of("third", slug="known"),
    ]
    told = await declare_batch(catalog_stage, *items)
    assert heads(told) == [
        *("created", "updated", "unchanged", "updated"),
        *("invalid-space", "slug-conflict", "slug-conflict"),
    ]
    assert [answer["uid"] for answer in told] == [item["uid"] for item in items]
    assert told[4]["refusal"]["errors"][0]["field"] == "spec.time_zone"
    for number in (0, 1, 2, 3):
        assert told[number]["result"]["state"] == await catalog_stage.state(UUID(items[number]["uid"]))
    events = (await catalog_stage.events())[before:]
    assert [event["payload"]["slug"] for event in events] == ["first", "known"]  # a new generation alone is no event
    assert heads(await declare_batch(catalog_stage, *items[:4])) == ["unchanged"] * 4


async def test_a_slug_that_one_lets_go_is_free_for_the_next_in_the_request(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create("a")
    told = await declare_batch(catalog_stage, item_of("a", uid, generation=2, slug="b"), item_of("c", slug="a"))
    assert heads(told) == ["updated", "created"]
    told = await declare_batch(catalog_stage, item_of("d", slug="b"), item_of("a", uid, generation=3, slug="e"))
    assert heads(told) == ["slug-conflict", "updated"]


async def test_one_retained_space_is_adopted_once_in_a_request(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create("old")
    await catalog_stage.remove(uid, "retain")
    adopting = [item_of(name, slug="old", adopt=state["space_id"]) for name in ("x", "y")]
    assert heads(await declare_batch(catalog_stage, *adopting)) == ["adopted", "slug-conflict"]


async def test_requests_that_want_the_same_slugs_at_once_each_end(catalog_stage: Stage) -> None:
    names = [f"s{number}" for number in range(8)]

    async def claim(number: int) -> list[str]:
        order = names if number % 2 else names[::-1]
        return heads(await declare_batch(catalog_stage, *(item_of(f"{name}-{number}", slug=name) for name in order)))

    answers = [answer for told in await asyncio.gather(*(claim(number) for number in range(6))) for answer in told]
    assert sorted(answers) == ["created"] * 8 + ["slug-conflict"] * 40
    assert len(await catalog_stage.events()) == 8


async def test_what_no_request_of_several_may_be(catalog_stage: Stage) -> None:
    uid = uuid4()
    await declare_batch(catalog_stage, status=422)
    await declare_batch(catalog_stage, item_of("a", uid), item_of("b", uid), status=422)
    await declare_batch(catalog_stage, item_of("a"), item_of("a", slug="b"), status=422)
    await declare_batch(catalog_stage, *(item_of(f"s{number}") for number in range(33)), status=422)
    await declare_batch(catalog_stage, item_of("a"), item_of("b", spec=spec_of(citty="x")), status=422)
    assert await catalog_stage.events() == []


async def test_the_same_upsert_many_times_at_once_is_one_revision(catalog_stage: Stage) -> None:
    uid = uuid4()
    for generation in (1, 2):
        spec = spec_of(address=f"House {generation}")
        answers = await asyncio.gather(*(catalog_stage.put(uid, generation=generation, spec=spec) for _ in range(12)))
        assert {answer["state"]["revision"] for answer in answers} == {generation}
        assert sum(answer["outcome"] != "unchanged" for answer in answers) == 1
    assert len(await catalog_stage.events()) == 2


async def test_slugs_swapped_at_once_end_in_conflicts_not_in_deadlocks(catalog_stage: Stage) -> None:
    uids: list[UUID] = [(await catalog_stage.create(name))[0] for name in ("a", "b")]

    async def move(uid: UUID, name: str, slug: str) -> int:
        body = upsert_of(name, generation=2, slug=slug)
        return (await catalog_stage.operator.put(f"/internal/spaces/{uid}", json=body)).status_code

    moves = [(uids[0], "a", "b"), (uids[1], "b", "a")] * 5
    assert await asyncio.gather(*(move(*wish) for wish in moves)) == [409] * 10
