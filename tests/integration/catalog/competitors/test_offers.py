"""Competitors' offers: runs bring them in batches, only a good end shows them, and deletion removes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mesto.contracts.offers import BATCH, FAILURES, RUNS_KEPT
from support.servers.catalog import Stage

SEEN = "2026-03-01T10:00:00Z"


def offer(name: str = "Desk", **changes: Any) -> dict[str, Any]:
    price = {"amount": "450.00", "currency": "RUB", "per": "hour"}
    return {"name": name, "city": "moscow", "price": price, "price_text": "450 ₽/час", "seen_at": SEEN} | changes


class Site:
    """One target and its runs, as the spider tells of them."""

    def __init__(self, stage: Stage, name: str = "rival", namespace: str = "moscow") -> None:
        self.stage, self.name, self.namespace, self.uid = stage, name, namespace, uuid4()
        self.spiders = stage.caller("spiders")

    async def begin(self, run: str, at: str = SEEN, uid: UUID | None = None) -> httpx.Response:
        body = {"target": str(uid or self.uid), "namespace": self.namespace, "name": self.name, "started_at": at}
        return await self.spiders.put(f"/internal/scrape-runs/{run}", json=body)

    async def batch(self, run: str, batch: int, *names: str, **changes: Any) -> httpx.Response:
        body = {"items": [offer(name, **changes) for name in names]}
        return await self.spiders.put(f"/internal/scrape-runs/{run}/offers/{batch}", json=body)

    async def end(self, run: str, items: int, outcome: str = "succeeded") -> httpx.Response:
        body = {"outcome": outcome, "items": items, "finished_at": "2026-03-01T10:05:00Z"}
        return await self.spiders.put(f"/internal/scrape-runs/{run}/end", json=body)

    async def whole(self, run: str, *names: str, at: str = SEEN, **changes: Any) -> dict[str, Any]:
        assert (await self.begin(run, at)).status_code == 200
        assert (await self.batch(run, 0, *names, **changes)).status_code == 204
        ended = await self.end(run, len(names))
        assert ended.status_code == 200, ended.text
        answer: dict[str, Any] = ended.json()
        return answer

    async def listed(self, **params: Any) -> dict[str, Any]:
        answer = await self.stage.public.get("/api/catalog/competitor-offers", params=params)
        assert answer.status_code == 200, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def names(self, **params: Any) -> list[str]:
        return [item["name"] for item in (await self.listed(**params))["items"]]

    async def state(self) -> dict[str, Any]:
        answer = await self.stage.operator.get(f"/internal/scrape-targets/{self.uid}")
        assert answer.status_code == 200, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded


@pytest.fixture
async def site(catalog_stage: Stage) -> Site:
    return Site(catalog_stage)


def refused(answer: httpx.Response, slug: str) -> bool:
    return answer.status_code == 409 and answer.json()["type"].endswith("/" + slug)


async def test_a_good_run_shows_its_offers_as_they_were_found(site: Site) -> None:
    run = await site.whole(
        "run-1",
        "Hot desk",
        url="https://rival.example.org/1",
        kind="hot_desk",
        address="Арбат, 1",
        location={"latitude": 55.7522, "longitude": 37.5927},
        amenities=["Wi-Fi"],
        terms={"notice_minutes": 60, "deposit": {"amount": "1000.00", "currency": "RUB"}},
    )
    assert (run["outcome"], run["items"], run["shown"]) == ("succeeded", 1, True)
    (item,) = (await site.listed())["items"]
    assert item == {
        "namespace": "moscow",
        "target": "rival",
        "name": "Hot desk",
        "url": "https://rival.example.org/1",
        "kind": "hot_desk",
        "city": "moscow",
        "price": {"amount": "450.00", "currency": "RUB", "per": "hour"},
        "price_text": "450 ₽/час",
        "address": "Арбат, 1",
        "location": {"latitude": 55.7522, "longitude": 37.5927},
        "amenities": ["Wi-Fi"],
        "terms": {
            "min_duration_minutes": None,
            "notice_minutes": 60,
            "cancellation_hours": None,
            "deposit": {"amount": "1000.00", "currency": "RUB"},
        },
        "seen_at": SEEN,
    }


async def test_a_run_that_has_not_ended_changes_nothing(site: Site) -> None:
    await site.whole("run-1", "old")
    await site.begin("run-2", "2026-03-02T10:00:00Z")
    assert (await site.batch("run-2", 0, "new")).status_code == 204
    assert await site.names() == ["old"]
    assert [run["outcome"] for run in (await site.state())["runs"]] == ["running", "succeeded"]


async def test_a_good_run_replaces_all_offers_of_the_target_and_no_others(site: Site, catalog_stage: Stage) -> None:
    other = Site(catalog_stage, "other")
    await other.whole("other-1", "theirs")
    await site.whole("run-1", "a", "b", "c")
    await site.whole("run-2", "d", at="2026-03-02T10:00:00Z")
    assert await site.names(target="rival") == ["d"]
    assert await site.names(target="other") == ["theirs"]
    assert [row[0] for row in await catalog_stage.sql("SELECT count(*) FROM catalog.competitor_offers")] == [2]


async def test_targets_of_one_name_are_told_apart_by_their_namespaces(site: Site, catalog_stage: Stage) -> None:
    namesake = Site(catalog_stage, namespace="new-york")
    await namesake.whole("run-2", "theirs")
    await site.whole("run-1", "ours")
    assert await site.names(namespace="new-york", target="rival") == ["theirs"]
    assert await site.names(namespace="moscow") == ["ours"]
    listed = (await site.listed(target="rival"))["items"]
    assert {(item["namespace"], item["name"]) for item in listed} == {("new-york", "theirs"), ("moscow", "ours")}
    assert [item["location"] for item in listed] == [None, None]
    assert await site.names(namespace="elsewhere") == []


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_failed_run_keeps_what_was_shown(site: Site, outcome: str) -> None:
    await site.whole("run-1", "old")
    await site.begin("run-2", "2026-03-02T10:00:00Z")
    await site.batch("run-2", 0, "new")
    assert (await site.end("run-2", 1, outcome)).json()["outcome"] == outcome
    assert await site.names() == ["old"]
    state = await site.state()
    assert [(run["outcome"], run["shown"]) for run in state["runs"]] == [(outcome, False), ("succeeded", True)]


async def test_repeating_every_request_of_a_run_changes_nothing(site: Site) -> None:
    for _ in range(2):
        assert (await site.begin("run-1")).status_code == 200
    for _ in range(2):
        assert (await site.batch("run-1", 0, "a", "b")).status_code == 204
    assert (await site.batch("run-1", 1, "c")).status_code == 204
    ends = [await site.end("run-1", 3) for _ in range(2)]
    assert ends[0].json() == ends[1].json()
    # The first end counts.
    assert (await site.end("run-1", 0, "crashed")).json() == ends[0].json()
    assert await site.names() == ["a", "b", "c"]


async def test_a_run_with_a_lost_batch_does_not_end_well(site: Site) -> None:
    await site.whole("run-1", "old")
    await site.begin("run-2", "2026-03-02T10:00:00Z")
    await site.batch("run-2", 1, "new")
    assert refused(await site.end("run-2", 2), "offers-missing")
    assert await site.names() == ["old"]
    await site.batch("run-2", 0, "late")
    assert (await site.end("run-2", 2)).status_code == 200
    assert await site.names() == ["late", "new"]


async def test_an_ended_run_takes_no_more_offers(site: Site) -> None:
    await site.whole("run-1", "a")
    assert refused(await site.batch("run-1", 1, "b"), "run-ended")
    assert await site.names() == ["a"]


async def test_an_older_run_that_ends_later_does_not_replace_a_newer_one(site: Site) -> None:
    await site.begin("run-1")
    await site.batch("run-1", 0, "older")
    await site.whole("run-2", "newer", at="2026-03-02T10:00:00Z")
    # What it had brought is gone with the swap; it brings it again.
    assert refused(await site.end("run-1", 1), "offers-missing")
    await site.batch("run-1", 0, "older")
    assert (await site.end("run-1", 1)).json()["shown"] is False
    assert await site.names() == ["newer"]


async def test_deletion_removes_runs_and_offers_and_stops_a_run_under_way(site: Site) -> None:
    await site.whole("run-1", "a")
    await site.begin("run-2", "2026-03-02T10:00:00Z")
    for _ in range(2):
        gone = await site.stage.operator.delete(f"/internal/scrape-targets/{site.uid}", params={"policy": "delete"})
        assert gone.status_code == 204
    assert await site.names() == []
    assert (await site.batch("run-2", 0, "late")).status_code == 404
    assert refused(await site.begin("run-2"), "target-gone")
    state = await site.state()
    assert (state["gone"], state["offers"], state["runs"]) == (True, 0, [])


async def test_retained_offers_stay_but_no_run_replaces_them(site: Site) -> None:
    await site.whole("run-1", "a")
    await site.begin("run-2", "2026-03-02T10:00:00Z")
    await site.stage.operator.delete(f"/internal/scrape-targets/{site.uid}", params={"policy": "retain"})
    assert refused(await site.batch("run-2", 0, "late"), "target-gone")
    assert refused(await site.end("run-2", 0), "target-gone")
    assert await site.names() == ["a"]


async def test_deleting_an_unknown_target_is_fine_and_asking_for_it_is_not(site: Site) -> None:
    path = f"/internal/scrape-targets/{uuid4()}"
    assert (await site.stage.operator.delete(path, params={"policy": "delete"})).status_code == 204
    assert (await site.stage.operator.get(path)).status_code == 404


async def test_pages_follow_each_other_without_gaps_and_filters_narrow_them(site: Site) -> None:
    names = [f"offer {number:03}" for number in range(BATCH + 50)]
    await site.begin("run-1")
    await site.batch("run-1", 0, *names[:BATCH])
    await site.batch("run-1", 1, *names[BATCH:], city="kazan")
    await site.end("run-1", len(names))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await site.listed(limit=40, **({"cursor": cursor} if cursor else {}))
        found += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == names
    assert await site.names(city="kazan", limit=100) == names[BATCH:]
    assert await site.names(city="perm") == []
    assert await site.names(target="nobody") == []


@pytest.mark.parametrize(
    "params", [{"cursor": "x"}, {"cursor": "WyJ4Iiwx"}, {"limit": 101}, {"limit": 0}, {"town": "x"}]
)
async def test_parameters_that_make_no_sense_are_refused(site: Site, params: dict[str, Any]) -> None:
    answer = await site.stage.public.get("/api/catalog/competitor-offers", params=params)
    assert answer.status_code == 422, answer.text


async def test_a_batch_is_bounded(site: Site) -> None:
    await site.begin("run-1")
    assert (await site.batch("run-1", 0, *["x"] * (BATCH + 1))).status_code == 422
    assert (await site.batch("run-1", 0)).status_code == 422


async def test_only_so_many_runs_are_remembered_and_the_shown_one_always(site: Site) -> None:
    await site.whole("run-000", "kept")
    for number in range(1, RUNS_KEPT + 3):
        await site.begin(f"run-{number:03}", f"2026-04-01T10:00:{number:02}Z")
        await site.end(f"run-{number:03}", 0, "http")
    assert len((await site.state())["runs"]) == RUNS_KEPT
    assert await site.names() == ["kept"]
    (kept,) = await site.stage.sql("SELECT count(*) FROM catalog.scrape_runs")
    assert kept[0] == RUNS_KEPT + 1


async def test_a_run_belongs_to_one_target(site: Site) -> None:
    await site.begin("run-1")
    assert refused(await site.begin("run-1", uid=uuid4()), "run-conflict")


async def test_only_spiders_bring_offers_and_only_the_operator_removes_them(site: Site) -> None:
    await site.begin("run-1")
    other = site.stage.caller("booking")
    body = {"items": [offer()]}
    for client in (other, site.stage.operator):
        assert (await client.put("/internal/scrape-runs/run-1/offers/0", json=body)).status_code == 403
    path = f"/internal/scrape-targets/{site.uid}"
    assert (await site.spiders.delete(path, params={"policy": "delete"})).status_code == 403
    # A job that died ends by the operator's word.
    end = {"outcome": "crashed", "items": 0, "finished_at": SEEN}
    assert (await site.stage.operator.put("/internal/scrape-runs/run-1/end", json=end)).status_code == 200
