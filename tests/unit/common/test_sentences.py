"""Sentences for people."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from mesto.common.errors import install
from mesto.common.sentences import count, validator_message
from pydantic import BaseModel, field_validator


class Asked(BaseModel):
    """A body whose field is judged by a validator of ours."""

    colour: str

    @field_validator("colour")
    @classmethod
    def _known(cls, value: str) -> str:
        raise ValueError(f"{value} is no colour.")


async def test_a_fault_is_told_without_the_kind_of_its_exception() -> None:
    app = FastAPI()
    install(app)

    @app.post("/")
    def submit(_: Asked) -> None: ...

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        problem = (await http.post("/", json={"colour": "loud"})).json()
    assert problem["errors"] == [{"field": "colour", "message": "loud is no colour."}]
    for message in ("Value error, no.", "Assertion failed, no.", "no."):
        assert validator_message(message) == "no."


def test_one_of_something_is_not_many() -> None:
    assert [count(number, "page") for number in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]
    assert count(2, "is", "are") == "2 are"
