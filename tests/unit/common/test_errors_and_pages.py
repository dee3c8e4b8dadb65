"""Every failure is a problem document; cursors that are not ours are refused with a sentence."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter
from mesto.common.errors import MOST_ERRORS, Problem
from mesto.common.http.pages import decode_cursor, encode_cursor
from mesto.common.server import create_app
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DBAPIError, OperationalError

router = APIRouter()


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    seats: int


@router.post("/things")
async def make_thing(body: Body) -> Body:
    return body


@router.get("/fails/{how}")
async def fail(how: str) -> None:
    if how == "problem":
        raise Problem(409, "no-capacity", "Full.", free_at="15:00")
    if how == "database":
        raise OperationalError("SELECT 1", {}, Exception("gone"))
    if how == "lock":
        raise DBAPIError("SELECT 1", {}, LockNotAvailable("busy"))
    raise RuntimeError("a secret in a message")


class LockNotAvailable(Exception):
    sqlstate = "55P03"


def client() -> httpx.AsyncClient:
    app = create_app("things", [router], title="Things", public=True)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/things")


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/fails/problem", 409, "no-capacity"),
        ("/fails/database", 503, "temporarily-unavailable"),
        ("/fails/lock", 503, "temporarily-unavailable"),
        ("/fails/bug", 500, "internal"),
        ("/nowhere", 404, "not-found"),
    ],
)
async def test_every_failure_is_a_problem_with_the_request_id(path: str, status: int, slug: str) -> None:
    async with client() as http:
        answer = await http.get(path, headers={"X-Request-Id": "abcdefgh-1"})
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"].endswith("/" + slug)
    assert body["request_id"] == answer.headers["x-request-id"] == "abcdefgh-1"
    assert "secret" not in answer.text


async def test_wrong_fields_are_named() -> None:
    async with client() as http:
        answer = await http.post("/things", json={"seats": "many", "colour": "red"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"seats", "colour"}


async def test_a_request_id_that_could_forge_a_log_line_is_replaced() -> None:
    async with client() as http:
        answer = await http.get("/nowhere", headers={"X-Request-Id": "a b\tc"})
    assert answer.headers["x-request-id"].isalnum()


def test_a_cursor_comes_back_as_it_went() -> None:
    assert decode_cursor(encode_cursor(["450.00", "id"]), 2) == ["450.00", "id"]


@pytest.mark.parametrize("cursor", ["x", "!!!", encode_cursor(["one"]), encode_cursor([1, 2, 3]), "a" * 5000, "é"])
def test_other_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        decode_cursor(cursor, 2)
    assert refused.value.status == 422


async def test_an_answer_about_wrong_fields_stays_small_and_repeats_no_body() -> None:
    secret = "s3cret"
    wrong = {f"field-{number}": secret for number in range(2000)} | {"x" * 10_000: secret}
    async with client() as http:
        answer = await http.post("/things", json=wrong | {"seats": secret})
    problem = answer.json()
    assert answer.status_code == 422
    assert len(answer.content) < 20_000
    assert len(problem["errors"]) == MOST_ERRORS
    assert f"the first {MOST_ERRORS} of 2002" in problem["detail"]
    assert "s3cret" not in answer.text
    async with client() as http:
        (error,) = (await http.post("/things", json={"seats": 1, "x" * 10_000: 1})).json()["errors"]
    assert len(error["field"]) == 100
