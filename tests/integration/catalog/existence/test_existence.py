"""Spaces that were left: by a deletion, or by a resource that was lost unseen. Who may have them, and who is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from mesto.catalog.consistency import local_checks
from support.servers.catalog import Stage, upsert_of

FOREIGN: dict[str, Any] = {"namespace": "berlin", "name": "copy", "slug": "loft"}


async def compared(stage: Stage, **found: Any) -> None:
    """The operator's report."""
    answer = await stage.operator.post("/internal/spaces/comparison", json=found)
    assert answer.status_code == 204, answer.text


async def managed(stage: Stage, *namespaces: str, limit: int = 1000) -> list[dict[str, Any]]:
    """What the operator reads, page by page."""
    items, cursor = [], ""
    while cursor is not None:
        params = {"namespace": list(namespaces), "limit": limit, "cursor": cursor}
        page = (await stage.operator.get("/internal/spaces/managed", params=params)).json()
        items += page["items"]
        cursor = page["next_cursor"]
    return items


async def differences(stage: Stage) -> list[tuple[str, str]]:
    """What an audit finds by catalog's check of resources."""
    [check] = [check for check in local_checks(stage.catalog.spaces) if check.name == "resources"]
    found = [suspect async for looked in check.examine() for suspect in looked.suspects]
    assert await check.recheck(found) == found
    return [(suspect.id, suspect.what) for suspect in found]


async def test_the_operator_reads_managed_spaces_of_its_namespaces_by_pages(catalog_stage: Stage) -> None:
    uids = [uuid4() for _ in range(4)]
    for number, uid in enumerate(uids):
        namespace = "berlin" if number == 3 else "moscow"
        await catalog_stage.put(uid, namespace=namespace, name=f"s{number}", slug=f"s{number}")
    await catalog_stage.remove(uids[2], "retain")
    shown = [{item["slug"] for item in await managed(catalog_stage, *names, limit=1)} for names in ((), ("moscow",))]
    assert shown == [{"s0", "s1", "s3"}, {"s0", "s1"}]


async def test_a_lost_resource_is_found_by_an_audit_until_it_is_found_again(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    assert await differences(catalog_stage) == []
    await compared(catalog_stage, missing=[str(uid)])
    [first] = await managed(catalog_stage)
    assert first["missing_since"] is not None
    await compared(catalog_stage, missing=[str(uid)])
    assert await managed(catalog_stage) == [first], "since it was found first"
    assert await differences(catalog_stage) == [(state["space_id"], "no resource")]
    await catalog_stage.get("/loft")
    await compared(catalog_stage, found=[str(uid)])
    assert await differences(catalog_stage) == []


async def test_a_resource_without_a_space_is_found_by_an_audit(catalog_stage: Stage) -> None:
    await compared(catalog_stage, unstored=["moscow/loft"])
    await compared(catalog_stage, namespaces=["berlin"], unstored=[])
    assert await differences(catalog_stage) == [("moscow/loft", "no space")]
    await compared(catalog_stage)
    assert await differences(catalog_stage) == []


async def test_whoever_tells_of_a_lost_resource_again_has_it(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await compared(catalog_stage, missing=[str(uid)])
    assert (await catalog_stage.put(uid))["state"]["revision"] == 1, "nothing is new to other services"
    assert await differences(catalog_stage) == []


async def test_claimants_of_a_lost_space_are_told_the_truth(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    await compared(catalog_stage, missing=[str(uid)])
    neighbour = {"namespace": "moscow", "name": "copy", "slug": "loft"}
    problem = await catalog_stage.put(uuid4(), status=409, **neighbour)
    assert problem["type"].endswith("/adopt-needed")
    assert state["space_id"] in problem["detail"]
    foreign = await catalog_stage.put(uuid4(), status=409, **FOREIGN)
    assert foreign["type"].endswith("/slug-conflict")
    assert state["space_id"] not in str(foreign)
    assert "moscow/loft" not in foreign["detail"]
    adopted = await catalog_stage.put(uuid4(), **neighbour, adopt=state["space_id"])
    assert (adopted["outcome"], adopted["state"]["space_id"]) == ("adopted", state["space_id"])
    assert await differences(catalog_stage) == []


async def test_a_lost_space_that_is_unpublished_is_retained(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create()
    await compared(catalog_stage, missing=[str(uid)])
    await catalog_stage.remove(uid, "retain")
    assert await managed(catalog_stage) == []
    assert await differences(catalog_stage) == []
    await catalog_stage.get("/loft", status=404)
    assert (await catalog_stage.put(uuid4()))["outcome"] == "adopted"


async def test_an_id_proves_nothing_to_another_namespace(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    await catalog_stage.remove(uid, "retain")
    problem = await catalog_stage.put(uuid4(), status=409, **FOREIGN, adopt=state["space_id"])
    assert problem["type"].endswith("/slug-conflict")
    assert state["space_id"] not in str(problem)
    elsewhere = FOREIGN | {"slug": "elsewhere"}
    problem = await catalog_stage.put(uuid4(), status=409, **elsewhere, adopt=state["space_id"])
    assert problem["type"].endswith("/slug-conflict")
    assert (await catalog_stage.put(uuid4()))["state"]["space_id"] == state["space_id"], "its own side has it back"


async def test_a_released_space_goes_to_the_resource_that_its_side_named(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create()
    await catalog_stage.put(uid, release_to="berlin/copy")
    assert (await catalog_stage.state(uid))["fingerprint"] != state["fingerprint"], "the operator sees who edits it"
    await catalog_stage.put(uuid4(), status=409, **FOREIGN)  # it is there still
    await catalog_stage.remove(uid, "retain")
    await catalog_stage.put(uuid4(), status=409, **FOREIGN | {"name": "other"})
    heir = uuid4()
    told = await catalog_stage.put(heir, **FOREIGN)
    assert (told["outcome"], told["state"]["space_id"]) == ("adopted", state["space_id"])
    assert await catalog_stage.sql("SELECT release_to, namespace FROM spaces") == [(None, "berlin")]


async def test_a_release_can_come_with_the_deletion_and_be_taken_back_with_it(catalog_stage: Stage) -> None:
    for told, kept in (("berlin/copy", "berlin/copy"), ("", None), (None, "berlin/x")):
        uid = UUID(int=uuid4().int)
        answer = await catalog_stage.operator.put(f"/internal/spaces/{uid}", json=upsert_of(release_to="berlin/x"))
        assert answer.status_code == 200, answer.text
        await catalog_stage.remove(uid, "retain", **({} if told is None else {"release_to": told}))
        assert await catalog_stage.sql("SELECT release_to FROM spaces") == [(kept,)]
