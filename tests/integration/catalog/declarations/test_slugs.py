"""Addresses of spaces: what a slug may be, and where an old one leads."""

from __future__ import annotations

from uuid import uuid4

import pytest
from support.servers.catalog import Stage, spec_of


async def leads_to(stage: Stage, slug: str) -> str | None:
    """Where the public API sends who asks for a slug, None for nowhere."""
    answer = await stage.public.get(f"/api/catalog/spaces/{slug}")
    assert answer.status_code in (308, 404), answer.text
    return answer.headers.get("Location")


@pytest.mark.parametrize("slug", ["0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5bd9cb469fa16570867728950e"])
async def test_an_id_is_no_slug(catalog_stage: Stage, slug: str) -> None:
    problem = await catalog_stage.put(uuid4(), status=422, slug=slug)
    assert problem["errors"][0]["field"] == "slug"
    await catalog_stage.put(uuid4(), name="b", slug="0f8fad5b-loft")


async def test_an_old_slug_leads_to_the_new_one_until_another_space_takes_it(catalog_stage: Stage) -> None:
    uid, state = await catalog_stage.create("a")
    for generation, slug in enumerate(("b", "c"), 2):
        await catalog_stage.put(uid, name="a", generation=generation, slug=slug)
    assert [await leads_to(catalog_stage, slug) for slug in ("a", "b", "x")] == [
        "/api/catalog/spaces/c",
        "/api/catalog/spaces/c",
        None,
    ]
    assert (await catalog_stage.public.get("/api/catalog/spaces/a", follow_redirects=True)).json()["id"] == state[
        "space_id"
    ]
    await catalog_stage.put(uid, name="a", generation=4, slug="a")
    assert (await catalog_stage.get("/a"))["id"] == state["space_id"]
    other, _ = await catalog_stage.create("b")
    assert (await catalog_stage.get("/b"))["id"] != state["space_id"]
    await catalog_stage.remove(other, "delete")
    assert [await leads_to(catalog_stage, slug) for slug in ("b", "c")] == [None, "/api/catalog/spaces/a"]


async def test_an_old_slug_of_what_is_not_listed_leads_nowhere(catalog_stage: Stage) -> None:
    uid, _ = await catalog_stage.create("a")
    await catalog_stage.put(uid, name="a", generation=2, slug="b", spec=spec_of(published=False))
    assert await leads_to(catalog_stage, "a") is None
    await catalog_stage.put(uid, name="a", generation=3, slug="b")
    assert await leads_to(catalog_stage, "a") == "/api/catalog/spaces/b"
    await catalog_stage.remove(uid, "delete")
    assert await leads_to(catalog_stage, "a") is None
