"""What rows hold, for an export: every space that is there, page by page."""

from __future__ import annotations

from typing import Any

from support.servers.catalog import Stage


async def pages(stage: Stage, **params: Any) -> list[list[dict[str, Any]]]:
    """All pages of an export."""
    tools, cursor, found = stage.caller("cli"), "", []
    while True:
        answer = await tools.get("/internal/spaces/stored", params={**params, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        if (cursor := answer.json()["next_cursor"] or "") == "":
            return found


async def test_every_space_comes_once_on_pages_and_filters_hold(catalog_stage: Stage) -> None:
    for number in range(5):
        await catalog_stage.create(f"loft-{number}", city="moscow" if number else "kazan")
    whole = await pages(catalog_stage, limit=2)
    assert [len(page) for page in whole] == [2, 2, 1]
    assert sorted(space["name"] for page in whole for space in page) == [f"loft-{number}" for number in range(5)]
    for params, names in (
        ({"city": "kazan"}, ["loft-0"]),
        ({"name": "loft-3"}, ["loft-3"]),
        ({"namespace": "moscow", "city": "kazan", "name": "loft-1"}, []),
        ({"namespace": "elsewhere"}, []),
    ):
        assert [space["name"] for page in await pages(catalog_stage, **params) for space in page] == names


async def test_a_retained_space_is_there_and_a_removed_one_is_not(catalog_stage: Stage) -> None:
    kept, state = await catalog_stage.create("kept")
    gone, _ = await catalog_stage.create("gone")
    await catalog_stage.remove(kept, "retain")
    await catalog_stage.remove(gone, "delete")
    [[stored]] = await pages(catalog_stage)
    assert (stored["name"], stored["managed"], stored["spec"]["published"]) == ("kept", False, False)
    assert stored["space_id"] == state["space_id"]


async def test_what_somebody_wrote_by_sql_shows_and_breaks_no_page(catalog_stage: Stage) -> None:
    await catalog_stage.create()
    await catalog_stage.sql("UPDATE catalog.spaces SET opening_hours = '[{\"days\": 7}]', city = 'Nowhere at all'")
    [[stored]] = await pages(catalog_stage)
    assert (stored["spec"]["opening_hours"], stored["spec"]["city"]) == ([{"days": 7}], "Nowhere at all")


async def test_only_the_command_may_ask_and_a_wrong_cursor_is_refused(catalog_stage: Stage) -> None:
    assert (await catalog_stage.operator.get("/internal/spaces/stored")).status_code == 403
    tools = catalog_stage.caller("cli")
    for cursor in ("nonsense", "WzFd", "WyJubyBpZCJd"):
        answer = await tools.get("/internal/spaces/stored", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor"), cursor
