"""Owners set what the resource leaves out; what it declares is refused, and both survive each other's changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from mesto.common.http.internal_client import ServiceUnavailable
from mesto.common.identity.tokens import UserVerifier
from mesto.contracts.events import UserChanged
from mesto.contracts.snapshots import SnapshotPage
from support.servers.booking import Signer
from support.servers.catalog import Stage, account, spec_of

OWNER = "Owner@Example.org"
OWNER_ID, OTHER_ID = UUID(int=7), UUID(int=8)
TIER = {"before_minutes": 1440, "refund_percent": 50}
CLOSED = [{"date": "2099-12-31", "closed": True}]


@pytest.fixture(scope="module")
def signer() -> Iterator[Signer]:
    signer = Signer()
    yield signer
    signer.close()


class Cabinet:
    """The public API as somebody who is signed in; the owner unless told otherwise."""

    def __init__(self, stage: Stage, signer: Signer) -> None:
        self.stage, self.signer = stage, signer

    async def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, status: int = 200, **claims: Any
    ) -> dict[str, Any]:
        token = self.signer.token(**{"user_id": OWNER_ID, "email": OWNER, **claims})
        answer = await self.stage.public.request(
            method, f"/api/catalog/spaces/{path}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status, answer.text
        decoded: dict[str, Any] = answer.json()
        return decoded

    async def change(self, body: dict[str, Any], status: int = 200, of: str = "loft", **claims: Any) -> dict[str, Any]:
        return await self.request("PATCH", of, body, status, **claims)

    async def settings(self, status: int = 200, of: str = "loft", **claims: Any) -> dict[str, Any]:
        return await self.request("GET", f"{of}/settings", None, status, **claims)


@pytest.fixture
async def cabinet(catalog_stage: Stage, signer: Signer) -> Cabinet:
    settings = catalog_stage.settings.model_copy(update={"auth_internal_url": signer.url})
    catalog_stage.service.public.state.user_verifier = UserVerifier.from_auth(settings)
    await catalog_stage.catalog.ownership.account_changed(account(OWNER_ID, OWNER))
    return Cabinet(catalog_stage, signer)


def slug(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition("/")[2]


async def again(stage: Stage, uid: UUID, generation: int = 1, **spec: Any) -> dict[str, Any]:
    """The operator tells a generation, as at a resync."""
    return await stage.put(uid, generation=generation, spec=spec_of(**spec))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"title": {"ru": "Мой лофт"}}, ["title.ru"]),
        ({"address": "Покровка, 1"}, ["address"]),
        ({"published": False}, ["published"]),
        ({"amenities": ["parking"]}, ["amenities"]),
        ({"amenities": []}, ["amenities"]),
        ({"city": None}, ["city"]),
        ({"contacts": {"phone": "+70000000000", "email": "a@example.org"}}, ["contacts.phone"]),
        ({"contacts": None}, ["contacts.phone"]),
        ({"opening_hours": [], "resources": []}, ["opening_hours", "resources"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
async def test_a_declared_field_is_refused_and_said_whose_it_is(
    cabinet: Cabinet, body: dict[str, Any], fields: list[str]
) -> None:
    _, state = await cabinet.stage.create()
    problem = await cabinet.change({**body, "description": {"en": "Quiet"}}, 409)
    assert slug(problem) == "locked-field"
    assert problem["managed_by"] == "CoworkingSpace moscow/loft"
    assert [error["field"] for error in problem["errors"]] == fields
    found = await cabinet.settings()
    assert (found["revision"], found["spec"]["description"]) == (state["revision"], None), "all or nothing"
    assert set(fields) <= set(found["locked"])


async def test_what_is_left_out_is_the_owners_and_reaches_everybody(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, state = await stage.create(title={"ru": "Лофт"})
    changed = await cabinet.change(
        {
            "title": {"en": "My loft"},
            "description": {"en": "Quiet"},
            "contacts": {"email": "loft@example.org"},
            "exceptions": [{"date": "2099-12-30", "open": "06:00", "close": "23:00"}],
            "booking": {"approval": "owner"},
        }
    )
    assert changed["revision"] == state["revision"] + 1
    assert changed["spec"]["title"] == {"ru": "Лофт", "en": "My loft"}
    assert not {"title.en", "contacts.email", "exceptions", "booking.approval"} & set(changed["locked"])
    public = await stage.get("/loft")
    assert (public["title"], public["description"]) == ("My loft", "Quiet")
    event = (await stage.events())[-1]["payload"]
    assert (event["revision"], event["policy"]["approval"]) == (changed["revision"], "owner")
    assert changed["spec"]["contacts"] == {"phone": "+74951234567", "email": "loft@example.org", "website": None}
    assert [exception["date"] for exception in event["exceptions"]] == ["2099-12-30"]
    told = await stage.state(uid)
    assert (told["fingerprint"], told["generation"]) == (state["fingerprint"], 1), "to the operator nothing drifted"
    assert (await again(stage, uid, title={"ru": "Лофт"}))["outcome"] == "unchanged"
    assert (await cabinet.settings())["spec"] == changed["spec"]


async def test_the_next_generation_takes_over_what_it_declares_and_leaves_the_rest(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, _ = await stage.create(contacts=None)
    mine = {"contacts": {"email": "mine@example.org", "phone": "+74950000001"}, "description": {"en": "Mine"}}
    await cabinet.change(mine)
    declares = {"contacts": {"phone": "+74950000002"}}
    assert (await again(stage, uid, 2, **declares))["outcome"] == "updated"
    found = await cabinet.settings()
    assert found["spec"]["contacts"] == {"phone": "+74950000002", "email": "mine@example.org", "website": None}
    assert "contacts.phone" in found["locked"]
    assert (await again(stage, uid, 2, **declares))["outcome"] == "unchanged"
    assert (await again(stage, uid, 3, contacts=None))["outcome"] == "updated"
    found = await cabinet.settings()
    assert found["spec"]["contacts"] == {"phone": None, "email": "mine@example.org", "website": None}
    assert found["spec"]["description"]["en"] == "Mine"


async def test_declaring_just_the_owners_value_locks_it_and_settles(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, _ = await stage.create()
    await cabinet.change({"description": {"en": "Same"}})
    assert (await again(stage, uid, 2, description={"en": "Same"}))["outcome"] == "updated"
    assert (await again(stage, uid, 2, description={"en": "Same"}))["outcome"] == "unchanged"
    assert "description.en" in (await cabinet.settings())["locked"]


async def test_an_owner_takes_a_value_back_and_says_the_same_twice(cabinet: Cabinet) -> None:
    uid, state = await cabinet.stage.create()
    first = await cabinet.change({"description": {"en": "Quiet"}, "booking": {"hold_minutes": 30}})
    assert (await cabinet.change({"description": {"en": "Quiet"}}))["revision"] == first["revision"]
    assert (await cabinet.change({}))["revision"] == first["revision"]
    assert (await cabinet.stage.events())[-1]["payload"]["policy"]["hold_minutes"] == 30
    after = await cabinet.change({"description": None, "booking": None})
    assert (after["spec"]["description"], after["spec"]["booking"]) == (None, None)
    assert (await cabinet.stage.events())[-1]["payload"]["policy"]["hold_minutes"] == 15
    assert (await cabinet.stage.state(uid))["fingerprint"] == state["fingerprint"]


async def test_a_change_that_would_strand_bookings_asks_the_owner(cabinet: Cabinet) -> None:
    _, state = await cabinet.stage.create()
    cabinet.stage.booking.confirmed = 2
    closed = [{"date": "2099-12-29", "closed": True}]  # a Tuesday
    problem = await cabinet.change({"exceptions": closed}, 409)
    assert (slug(problem), problem["bookings"]) == ("would-affect-bookings", 2)
    assert (await cabinet.settings())["revision"] == state["revision"]
    assert cabinet.stage.booking.kept == set()
    said = {"exceptions": closed, "accept_affected": True}
    assert (await cabinet.change(said, 422))["errors"][0]["message"].endswith("which revision you have looked at.")
    stale = await cabinet.change({**said, "revision": state["revision"] + 1}, 409)
    assert (slug(stale), stale["revision"]) == ("stale-revision", state["revision"])
    accepted = await cabinet.change({**said, "revision": state["revision"]})
    assert accepted["revision"] == state["revision"] + 1
    assert len(cabinet.stage.booking.kept) == 1
    cabinet.stage.booking.away = ServiceUnavailable("booking does not answer")
    assert slug(await cabinet.change({"exceptions": [*closed, {"date": "2099-12-28", "closed": True}]}, 424)) == (
        "booking-unavailable"
    )
    assert (await cabinet.change({"exceptions": []}))["spec"]["exceptions"] == [], "longer hours ask nobody"


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"user_id": OTHER_ID, "email": "other@example.org"}, 403),
        ({"user_id": OTHER_ID}, 403),
        ({"email_verified": False}, 403),
        ({"email": "owner@EXAMPLE.org"}, 200),
        ({"email": "moved@example.org"}, 200),
    ],
    ids=["another", "a later holder of the address", "not verified", "the owner", "the owner by another address"],
)
async def test_only_the_owner_gets_in(cabinet: Cabinet, claims: dict[str, Any], status: int) -> None:
    _, state = await cabinet.stage.create()
    await cabinet.settings(status, **claims)
    await cabinet.change({"description": {"en": "x"}}, status, of=state["space_id"], **claims)


class Auth:
    """Stands for auth's internal API: what it says of the account that it is asked about."""

    def __init__(self, event: UserChanged | None) -> None:
        self.event, self.asked = event, 0

    async def call(self, _method: str, _path: str, **_: Any) -> Any:
        self.asked += 1
        return SnapshotPage.of([self.event] if self.event else [], None).model_dump(mode="json")


@pytest.mark.parametrize("token_verified", [True, False], ids=["new token", "token of before"])
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (account(OTHER_ID, "New@example.org"), 200),
        (account(OTHER_ID, "new@example.org", email_verified=False, verified_addresses=[]), 403),
        (account(OTHER_ID, "another@example.org"), 403),
        (None, 403),
    ],
    ids=["verified", "not verified", "verified another", "unknown"],
)
async def test_who_has_just_verified_the_address_need_not_wait_for_the_event(
    cabinet: Cabinet, said: UserChanged | None, status: int, token_verified: bool
) -> None:
    await cabinet.stage.create(owner_email="new@example.org")
    auth = Auth(said)
    cabinet.stage.catalog.accounts.__dict__["auth"] = auth
    claims = {"user_id": OTHER_ID, "email": "new@example.org", "email_verified": token_verified}
    await cabinet.settings(status, **claims)
    assert auth.asked == 1
    if status == 200:
        await cabinet.change({"description": {"en": "x"}}, **{**claims, "email_verified": True})
        assert auth.asked == 1, "whom a space belongs to is known from then on"


async def test_nobody_learns_of_a_space_that_is_not_published(cabinet: Cabinet) -> None:
    uid, _ = await cabinet.stage.create(published=False)
    await cabinet.settings(200)
    await cabinet.settings(404, user_id=OTHER_ID, email="other@example.org")
    await cabinet.stage.remove(uid, "retain")
    await cabinet.settings(404)  # retained: no resource says who owns it
    await cabinet.settings(404, of="nowhere")
    await cabinet.stage.create("ownerless", owner_email=None)
    await cabinet.settings(403, of="ownerless")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"description": "text"}, "description"),
        ({"exceptions": [CLOSED[0], CLOSED[0]]}, "exceptions"),
        ({"exceptions": [{"date": "2099-12-31"}]}, "exceptions.0"),
        ({"photos": [{"url": "ftp://example.org"}]}, "photos.0.url"),
        ({"photos": [{"url": f"https://example.org/{n}"} for n in range(51)]}, "photos"),
        ({"photos": [{"url": "https://"}]}, "photos.0.url"),
        ({"booking": {"hold_minutes": 0}}, "booking.hold_minutes"),
        ({"exceptions": [{"date": "2099-12-31", "open": "08:01", "close": "22:00"}]}, "exceptions.0.open"),
        ({"exceptions": [{"date": "1999-12-31", "closed": True}]}, "exceptions.0.date"),
        ({"contacts": {"website": "javascript:alert(1)"}}, "contacts.website"),
        ({"contacts": {"email": "nobody"}}, "contacts.email"),
        ({"contacts": {"email": "a\u202eb@example.org"}}, "contacts.email"),
        ({"contacts": {"website": "https://example.org/\u202e"}}, "contacts.website"),
        ({"description": {"en": "turned \u202e round"}}, "description.en"),
        ({"title": {"en": "two\nlines"}}, "title.en"),
        ({"address": "bell \u0007"}, "address"),
        (
            {"booking": {"cancellation": [TIER, TIER | {"before_minutes": 60, "refund_percent": 90}]}},
            "booking.cancellation",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_nonsense_is_named(cabinet: Cabinet, body: dict[str, Any], field: str) -> None:
    await cabinet.stage.create()
    problem = await cabinet.change(body, 422)
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize("written", ['{"en": "Edited", "ru": null}', None], ids=["another value", "nothing"])
async def test_what_somebody_writes_by_sql_over_an_owners_value_is_put_right(
    cabinet: Cabinet, written: str | None
) -> None:
    stage = cabinet.stage
    uid, state = await stage.create()
    await cabinet.change({"description": {"en": "Mine"}})
    await stage.sql("UPDATE catalog.spaces SET description = CAST(:written AS jsonb)", written=written)
    assert (await stage.state(uid))["fingerprint"] != state["fingerprint"], "the operator sees it as drift"
    assert "description.en" not in (await cabinet.settings())["locked"]
    assert (await cabinet.change({"contacts": {"email": "a@example.org"}}))["spec"]["description"]["en"] == "Mine"
    await stage.sql("UPDATE catalog.spaces SET description = CAST(:written AS jsonb)", written=written)
    assert (await again(stage, uid))["outcome"] == "updated"
    assert (await cabinet.settings())["spec"]["description"]["en"] == "Mine"
    assert (await stage.state(uid))["fingerprint"] == state["fingerprint"]


@pytest.mark.parametrize(
    "held",
    ["[]", "null", '"text"', '{"colour": 1}', '{"contacts": null}', '{"contacts": 1}', '{"booking.hold_minutes": "x"}'],
)
async def test_owners_values_that_somebody_broke_stop_nobody(cabinet: Cabinet, held: str) -> None:
    stage = cabinet.stage
    uid, state = await stage.create()
    await stage.sql("UPDATE catalog.spaces SET held = CAST(:held AS jsonb), booking = '{}'", held=held)
    assert [item["uid"] for item in (await stage.news(1))[0]] == [str(uid)]
    await again(stage, uid)
    assert (await again(stage, uid))["outcome"] == "unchanged"
    assert (await stage.state(uid))["fingerprint"] == state["fingerprint"]
    assert (await cabinet.change({"description": {"en": "Mine"}}))["spec"]["description"]["en"] == "Mine"


async def test_a_row_that_somebody_broke_is_said_to_be_put_right(cabinet: Cabinet) -> None:
    await cabinet.stage.create()
    await cabinet.stage.sql("UPDATE catalog.spaces SET contacts = '\"nonsense\"'")
    for problem in (await cabinet.settings(503), await cabinet.change({"description": {"en": "x"}}, 503)):
        assert slug(problem) == "temporarily-unavailable"


async def test_another_resource_that_adopts_the_space_begins_without_the_owners_values(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, state = await stage.create()
    await cabinet.change({"contacts": {"email": "mine@example.org"}, "photos": [{"url": "https://example.org/1"}]})
    await stage.remove(uid, "retain")
    adopted = await stage.put(uuid4(), name="other", slug="loft", adopt=state["space_id"])
    assert adopted["outcome"] == "adopted"
    spec = (await cabinet.settings())["spec"]
    assert (spec["contacts"]["email"], spec["photos"]) == (None, [])
    assert adopted["state"]["fingerprint"] == state["fingerprint"]


async def test_its_own_resource_finds_the_owners_values_again(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, _ = await stage.create()
    await cabinet.change({"contacts": {"email": "mine@example.org"}})
    await stage.remove(uid, "retain")
    assert (await stage.put(uuid4()))["outcome"] == "adopted"
    assert (await cabinet.settings())["spec"]["contacts"]["email"] == "mine@example.org"


async def test_a_new_owner_takes_over_and_without_one_nothing_is_kept(cabinet: Cabinet) -> None:
    stage = cabinet.stage
    uid, _ = await stage.create()
    await cabinet.change({"description": {"en": "Mine"}})
    await again(stage, uid, 2, owner_email="next@example.org")
    await cabinet.settings(403)
    following = {"user_id": OTHER_ID, "email": "next@example.org"}
    await cabinet.settings(403, **following)
    await stage.catalog.ownership.account_changed(account(OTHER_ID, "next@example.org"))
    assert (await cabinet.settings(**following))["spec"]["description"]["en"] == "Mine"
    await again(stage, uid, 3, owner_email=None)
    assert (await stage.get("/loft"))["description"] is None


async def test_owner_and_operator_at_once_lose_nothing(cabinet: Cabinet) -> None:
    uid, _ = await cabinet.stage.create()
    for number in range(2, 12):
        await asyncio.gather(
            cabinet.change({"description": {"en": f"Text {number}"}}),
            again(cabinet.stage, uid, number, address=f"Покровка, {number}"),
            cabinet.change({"contacts": {"website": f"https://{number}.example.org"}}),
        )
        spec = (await cabinet.settings())["spec"]
        assert spec["description"]["en"] == f"Text {number}"
        assert spec["address"] == f"Покровка, {number}"
        assert spec["contacts"] == {
            "phone": "+74951234567",
            "email": None,
            "website": f"https://{number}.example.org",
        }
    held = await cabinet.stage.sql("SELECT held FROM catalog.spaces")
    assert held[0][0] == {"description": {"ru": None, "en": "Text 11"}, "contacts.website": "https://11.example.org"}


async def test_a_removed_space_keeps_nothing_of_its_owner(cabinet: Cabinet) -> None:
    uid, _ = await cabinet.stage.create()
    await cabinet.change({"contacts": {"email": "mine@example.org"}})
    await cabinet.stage.remove(uid, "delete")
    rows = await cabinet.stage.sql("SELECT to_jsonb(s)::text FROM catalog.spaces s")
    assert "mine@example.org" not in rows[0][0]
