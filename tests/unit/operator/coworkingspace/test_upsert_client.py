"""Spaces told to catalog together: who waits goes with the next request, and everybody hears what is theirs."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.observability import request_context
from mesto.contracts.spaces import MOST_UPSERTS, SpaceUpsert, SpaceUpsertItem
from mesto.operator.kinds.coworkingspace import upsert_client
from mesto.operator.kinds.coworkingspace.upsert_client import REQUESTS, BatchingCatalogClient
from support.servers.catalog import upsert_of
from support.waiting import eventually_async


def result(uid: str, slug: str, **later: Any) -> dict[str, Any]:
    state = {
        "uid": uid,
        "namespace": "moscow",
        "name": slug,
        "space_id": str(uuid4()),
        "slug": slug,
        "url": "https://x",
        "revision": 1,
        "generation": 1,
        "bookable": {"status": True, "reason": "Bookable"} | later,
    }
    return {"outcome": "created", "state": state | later} | later


class Catalog:
    """Answers once it is let to; remembers what was asked."""

    def __init__(self) -> None:
        self.open, self.asked = asyncio.Event(), []  # type: ignore[var-annotated]
        self.fail: Exception | None = None
        self.together: Exception | None = None
        self.later = False

    async def call(self, method: str, path: str, *, content: bytes, headers: dict[str, str]) -> Any:
        body = json.loads(content)
        later = {"rating": {"stars": 5}} if self.later else {}
        slugs = [item["slug"] for item in body["items"]] if method == "POST" else [body["slug"]]
        self.asked.append((method, slugs))
        await self.open.wait()
        if self.fail:
            raise self.fail
        if method == "PUT":
            if "odd" in body["slug"]:
                raise RequestRejected(422, "invalid-request", "odd", {})
            return result(path.rpartition("/")[2], body["slug"], **later)
        if self.together:
            raise self.together
        refusal = {"status": 409, "slug": "slug-conflict", "detail": "taken", "errors": []}
        return {
            "items": [
                {"uid": item["uid"], "refusal": refusal}
                if item["slug"].startswith("taken")
                else {"uid": item["uid"], "result": result(item["uid"], item["slug"], **later)} | later
                for item in reversed(body["items"])
            ]
        } | later


@pytest.fixture
def catalog() -> Catalog:
    return Catalog()


async def upsert_all(catalog: Catalog, *slugs: str) -> list[Any]:
    """What everybody hears who asks while catalog is busy with the first of them."""
    client = BatchingCatalogClient(cast(InternalClient, catalog))

    async def upsert_one(slug: str) -> str:
        return (await client.upsert(uuid4(), SpaceUpsert(**upsert_of(slug)))).state.slug

    asked = [asyncio.create_task(upsert_one(slug)) for slug in slugs]
    await eventually_async(lambda: len(catalog.asked) == min(REQUESTS, len(slugs)), "the first requests")
    catalog.open.set()
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_who_comes_alone_is_told_at_once(catalog: Catalog) -> None:
    assert await upsert_all(catalog, "a") == ["a"]
    assert catalog.asked == [("PUT", ["a"])]


async def test_a_later_release_of_catalog_is_understood(catalog: Catalog) -> None:
    catalog.later = True
    names = [f"s{number}" for number in range(REQUESTS + 2)]  # the last two in one request
    assert await upsert_all(catalog, *names) == names


async def test_who_waits_goes_with_the_next_request(catalog: Catalog) -> None:
    names = [f"s{number}" for number in range(REQUESTS + MOST_UPSERTS + 3)]
    assert await upsert_all(catalog, *names) == names
    assert [len(slugs) for _, slugs in catalog.asked] == [*[1] * REQUESTS, MOST_UPSERTS, 3]


async def test_a_refusal_reaches_the_one_it_is_for(catalog: Catalog) -> None:
    answers = await upsert_all(catalog, "a", "b", "c", "taken", "d")
    assert answers[:3] + answers[4:] == ["a", "b", "c", "d"]
    assert (answers[3].status, answers[3].slug, str(answers[3])) == (409, "slug-conflict", "taken")


async def test_one_that_spoils_the_request_spoils_nobody_elses(catalog: Catalog) -> None:
    catalog.together = RequestRejected(422, "invalid-request", "items.1 is odd", {})
    answers = await upsert_all(catalog, "a", "b", "c", "odd", "d")
    assert answers[:3] + answers[4:] == ["a", "b", "c", "d"]
    assert isinstance(answers[3], RequestRejected)


@pytest.mark.parametrize(
    "error", [ServiceUnavailable("away"), RequestRejected(403, "forbidden", "no", {}), ValueError("a bug")]
)
async def test_a_failure_is_everybodys(catalog: Catalog, error: Exception) -> None:
    catalog.fail = error
    answers = await upsert_all(catalog, "a", "b", "c", "d")
    assert {type(answer) for answer in answers} == {type(error)}


async def test_large_spaces_go_in_several_requests(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upsert_client, "MOST_BYTES", 2500)
    names = [f"s{number}" for number in range(8)]
    assert await upsert_all(catalog, *names) == names
    assert max(len(slugs) for _, slugs in catalog.asked) in (2, 3)


async def test_who_is_cut_off_is_not_told_of_and_holds_up_nobody(catalog: Catalog) -> None:
    client = BatchingCatalogClient(cast(InternalClient, catalog))
    tasks = [
        asyncio.create_task(client.upsert(UUID(int=number), SpaceUpsert(**upsert_of(f"s{number}"))))
        for number in range(REQUESTS + 2)
    ]
    await eventually_async(lambda: len(catalog.asked) == REQUESTS, "the first requests")
    tasks[0].cancel()
    tasks[REQUESTS].cancel()
    catalog.open.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [
        number in (0, REQUESTS) for number in range(REQUESTS + 2)
    ]
    assert catalog.asked[REQUESTS:] == [("PUT", [f"s{REQUESTS + 1}"])]


async def test_the_requests_id_becomes_the_callers(catalog: Catalog) -> None:
    catalog.open.set()
    request_context.request_id.set("mine")
    await BatchingCatalogClient(cast(InternalClient, catalog)).upsert(uuid4(), SpaceUpsert(**upsert_of("a")))
    assert request_context.request_id.get() not in ("", "mine")


def test_a_space_among_others_is_the_same_body_with_its_uid() -> None:
    uid, body = uuid4(), SpaceUpsert(**upsert_of("a"))
    text = upsert_client._Item(uid, body.model_dump_json().encode()).to_batch_item()
    assert SpaceUpsertItem.model_validate_json(text) == SpaceUpsertItem(uid=uid, **dict(body))
