"""A bug reaches Sentry (kent stands in for it) exactly once, from each kind of process, and with no personal data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
from fastapi import APIRouter, Body
from mesto.common.errors import Problem, not_found
from mesto.common.messaging import broker as broker_module
from mesto.common.messaging.broker import Broker
from mesto.common.observability import request_context, telemetry
from mesto.common.server import create_app
from mesto.common.settings import CommonSettings
from mesto.common.worker.tasks import celery_app
from mesto.contracts.events import Envelope, UserRemoved
from mesto.operator.queue import WorkQueue
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from support.servers.kent import Kent
from support.waiting import eventually, eventually_async

EMAIL, NAME, PHONE, PASSWORD = "anna.k@example.org", "Anna Karenina", "+79161234567", "hunter2-hunter2"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl"
PERSONAL = (EMAIL, NAME, PHONE, PASSWORD, TOKEN, "Karenina", "anna.k")
REQUEST_ID = "sentry-0123456789"


@pytest.fixture
def kent(sentry_stand_in: Kent) -> Iterator[Kent]:
    sentry_stand_in.flush()
    settings = CommonSettings(sentry_dsn=SecretStr(sentry_stand_in.dsn), environment="proof", release="mesto@9.9.9")
    telemetry.configure(settings, "catalog")
    token = request_context.request_id.set("")
    yield sentry_stand_in
    request_context.request_id.reset(token)
    sentry_sdk.get_client().close()
    sentry_sdk.init(default_integrations=False, auto_enabling_integrations=False)


def only_event(kent: Kent) -> dict[str, Any]:
    """The one event there is, after everything that is to come has come; nothing of it is personal."""
    sentry_sdk.flush(10)
    events = eventually(kent.events, "an event in kent")
    assert len(events) == 1, [event["payload"]["body"] for event in events]
    text = json.dumps(events, ensure_ascii=False)
    for word in PERSONAL:
        assert word not in text
    event: dict[str, Any] = events[0]["payload"]["body"]
    assert not {"request", "user", "breadcrumbs", "extra", "contexts", "modules"} & set(event)
    assert (event["release"], event["environment"], event["server_name"]) == ("mesto@9.9.9", "proof", "catalog")
    assert event["tags"]["service"] == "catalog"
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames
    assert not any("vars" in frame for frame in frames)
    return event


def fails(*_: Any) -> None:
    person = {"name": NAME, "email": EMAIL, "phone": PHONE, "password": PASSWORD}
    try:
        raise OperationalError(
            f"INSERT INTO users VALUES ({TOKEN})", person, ValueError(f"Key (email)=({EMAIL}) exists")
        )
    except OperationalError as error:
        raise RuntimeError(f"cannot greet {person} at postgresql://{NAME}:{PASSWORD}@db?token={TOKEN}") from error


def app_of(route: Callable[..., Any]) -> Any:
    router = APIRouter()
    router.post("/things")(route)
    return create_app("catalog", [router], title="t", public=True)


async def post(app: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"refresh={TOKEN}", "X-Request-Id": REQUEST_ID}
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        query = {"email": EMAIL, "token": TOKEN}
        return await client.post("/api/catalog/things", json={"name": NAME}, params=query, headers=headers)


async def test_an_unhandled_error_of_a_request(kent: Kent) -> None:
    async def route(email: str, token: str, body: dict[str, str] = Body()) -> None:
        fails(email, token, body)

    assert (await post(app_of(route))).status_code == 500
    event = await asyncio.to_thread(only_event, kent)
    assert event["tags"]["request_id"] == REQUEST_ID
    assert [exception["type"] for exception in event["exception"]["values"]][-1] == "RuntimeError"


async def test_expected_problems_are_no_events(kent: Kent) -> None:
    async def missing(email: str, token: str) -> None:
        raise not_found()

    async def outage(email: str, token: str) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionRefusedError("the database is away"))

    async def busy(email: str, token: str) -> None:
        raise Problem(503, "unavailable", "Try again.")

    statuses = [(await post(app_of(route))).status_code for route in (missing, outage, busy)]
    assert statuses == [404, 503, 503]
    await asyncio.to_thread(sentry_sdk.flush, 10)
    assert await asyncio.to_thread(kent.events) == []


async def test_an_event_that_a_consumer_cannot_handle(kent: Kent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "ATTEMPTS", 2)
    from datetime import UTC, datetime
    from uuid import uuid4

    class Message:
        rejected = 0

        def __init__(self, body: bytes) -> None:
            self.body = body

        async def reject(self) -> None:
            self.rejected += 1

    async def handle(*_: Any) -> None:
        fails()

    event = UserRemoved(user_id=uuid4(), revision=3)
    payload = event.model_dump(mode="json")
    envelope = Envelope(id=uuid4(), type=event.type, time=datetime.now(UTC), request_id=REQUEST_ID, payload=payload)
    message: Any = Message(envelope.model_dump_json().encode())
    await Broker("amqp://nowhere", "catalog", None, {event.type: handle})._consume(message)
    assert message.rejected == 1
    told = await asyncio.to_thread(only_event, kent)
    assert (told["tags"]["request_id"], told["tags"]["event"]) == (REQUEST_ID, "user.removed")


def test_a_task_that_fails(kent: Kent) -> None:
    app = celery_app("seeing", {})
    app.task(name="seeing.fails")(fails).apply(args=[EMAIL])
    event = only_event(kent)
    assert event["tags"]["task"] == "seeing.fails"
    assert event["tags"]["request_id"] != "none"


async def test_a_reconcile_that_fails_again_and_again(kent: Kent) -> None:
    queue: WorkQueue[str] = WorkQueue(first=0.01, longest=0.01)
    attempts: list[str] = []

    async def reconcile(key: str) -> float | None:
        attempts.append(key)
        fails()
        return None

    queue.add("a space")
    worker = asyncio.create_task(queue.work(1, reconcile))
    await eventually_async(lambda: len(attempts) > 3, "four attempts")
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    await asyncio.to_thread(only_event, kent)
