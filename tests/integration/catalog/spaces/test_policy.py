"""The platform's policy in catalog: told once, never an older one, and renewed in the spaces that leave it out."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from mesto.catalog.spaces import service
from mesto.contracts.policy import CatalogPolicy
from support.servers.catalog import Stage, spec_of


def delivery(generation: int, uid: Any, **policy: Any) -> dict[str, Any]:
    return {"uid": str(uid), "generation": generation, "policy": policy}


async def holds(stage: Stage) -> list[tuple[str, int, int]]:
    """Name, hold and revision of each space."""
    statement = "SELECT name, (policy ->> 'hold_minutes')::int, revision FROM catalog.spaces ORDER BY name"
    return [tuple(row) for row in await stage.sql(statement)]


async def test_a_new_hold_reaches_those_that_leave_it_out_once_whoever_renews(
    catalog_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RENEWED", 2)
    for number in range(5):
        await catalog_stage.create(f"platforms-{number}")
    await catalog_stage.create("own", booking={"approval": "instant", "hold_minutes": 15})
    gone, _ = await catalog_stage.create("gone")
    await catalog_stage.remove(gone, "delete")
    before = len(await catalog_stage.events())
    fresh = CatalogPolicy(hold_minutes=25)
    await asyncio.gather(*(catalog_stage.catalog.spaces.renew_policies(fresh) for _ in range(3)))
    found = {name: (hold, revision) for name, hold, revision in await holds(catalog_stage)}
    assert {found[f"platforms-{number}"] for number in range(5)} == {(25, 2)}
    assert found["own"] == (15, 1)
    told = (await catalog_stage.events())[before:]
    assert {event["type"] for event in told} == {"space.changed"}
    assert sorted(event["payload"]["slug"] for event in told) == [f"platforms-{number}" for number in range(5)]
    assert {event["payload"]["policy"]["hold_minutes"] for event in told} == {25}


async def test_what_is_delivered_is_run_with_at_once_and_by_the_next_space(catalog_stage: Stage) -> None:
    await catalog_stage.create("before")
    uid = uuid4()
    answer = await catalog_stage.operator.put("/internal/configuration", json=delivery(3, uid, hold_minutes=40))
    assert (answer.status_code, answer.json()["generation"]) == (200, 3)
    await catalog_stage.create("after")
    assert [row[:2] for row in await holds(catalog_stage)] == [("after", 40), ("before", 40)]
    answer = await catalog_stage.operator.put("/internal/configuration", json=delivery(4, uid))
    assert answer.status_code == 200
    assert [row[:2] for row in await holds(catalog_stage)] == [("after", 15), ("before", 15)]


async def test_the_newest_of_many_that_come_at_once_stays(catalog_stage: Stage) -> None:
    uid = uuid4()
    bodies = [delivery(number, uid, hold_minutes=number) for number in (5, 9, 2, 7, 1, 8)]
    answers = await asyncio.gather(
        *(catalog_stage.operator.put("/internal/configuration", json=body) for body in bodies)
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    state = (await catalog_stage.operator.get("/internal/configuration")).json()
    assert (state["uid"], state["generation"]) == (str(uid), 9)
    assert catalog_stage.service.internal.state.configuration.policy.hold_minutes == 9
    other = delivery(1, uuid4(), hold_minutes=3)  # of another resource: the first was deleted
    assert (await catalog_stage.operator.put("/internal/configuration", json=other)).status_code == 200


async def test_a_row_that_nobody_can_read_is_reported_as_another(catalog_stage: Stage) -> None:
    body = delivery(1, uuid4(), hold_minutes=20)
    good = (await catalog_stage.operator.put("/internal/configuration", json=body)).json()
    await catalog_stage.sql("UPDATE catalog.configuration SET policy = '{\"hold_minutes\": -1}', committed_at = now()")
    with pytest.raises(ValueError, match="hold_minutes"):
        await catalog_stage.service.internal.state.configuration.reload()
    assert catalog_stage.service.internal.state.configuration.policy.hold_minutes == 20
    state = (await catalog_stage.operator.get("/internal/configuration")).json()
    assert (state["generation"], state["fingerprint"]) == (1, "")
    assert (await catalog_stage.operator.put("/internal/configuration", json=body)).json() == good


async def test_a_city_with_a_list_is_for_its_namespaces_only(catalog_stage: Stage) -> None:
    policy = {"city_namespaces": {"moscow": ["moscow", "loft-chain"]}}
    answer = await catalog_stage.operator.put("/internal/configuration", json=delivery(1, uuid4(), **policy))
    assert answer.status_code == 200, answer.text
    problem = await catalog_stage.put(uuid4(), status=409, namespace="berlin")
    assert problem["type"].endswith("/city-not-allowed")
    assert "moscow" in problem["detail"]
    assert "loft-chain" not in problem["detail"]
    uid = uuid4()
    await catalog_stage.put(uid, namespace="moscow")
    await catalog_stage.put(uuid4(), namespace="berlin", name="b", slug="b", spec=spec_of(city="berlin"))
    answer = await catalog_stage.operator.put("/internal/configuration", json=delivery(2, uuid4()))
    assert answer.status_code == 200, answer.text
    await catalog_stage.put(uuid4(), namespace="berlin", name="c", slug="c")
