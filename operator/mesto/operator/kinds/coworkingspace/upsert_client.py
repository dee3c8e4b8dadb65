"""Telling catalog of many spaces: those that wait while a request is under way go together with the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from mesto.common.batching import Batcher
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.observability import telemetry
from mesto.contracts.spaces import (
    MOST_UPSERTS,
    SpaceAnswer,
    SpaceAnswers,
    SpaceUpsert,
    SpaceUpsertResult,
)

MOST_BYTES = 2 * 1024 * 1024
"""Of one request with several spaces; a larger space goes alone."""
REQUESTS = 1
"""Under way at once: what comes meanwhile goes with the next, and is cheaper together than in two requests."""
_JSON = {"Content-Type": "application/json"}
_UNREADABLE = {400, 413, 422}


class _Told(NamedTuple):
    result: SpaceUpsertResult
    request_id: str


class _Item(NamedTuple):
    uid: UUID
    text: bytes

    def among_others(self) -> bytes:
        """As a ``SpaceUpsertItem``: the body, written once, with its uid before it."""
        return b'{"uid":"%s",' % str(self.uid).encode() + self.text[1:]


class Teller:
    """One per process."""

    def __init__(self, catalog: InternalClient) -> None:
        self._catalog = catalog
        self._together: Batcher[_Item, _Told] = Batcher(
            self._tell,
            max_items=MOST_UPSERTS,
            at_once=REQUESTS,
            size_of=lambda item: len(item.text),
            max_size=MOST_BYTES,
        )

    async def tell(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        """What became of a generation. Raises ServiceUnavailable, or RequestRejected as its own PUT would.

        The request's id, which catalog and the consumers of its events log, becomes the caller's.
        """
        # What is rarely said is left out: an upgrade lets a catalog run for a while that does not know it.
        rare = {"accept_affected": body.accept_affected, "release_to": body.release_to}
        unsaid: dict[str, Any] = {name: True for name, value in rare.items() if not value}
        if all(resource.capacity is None for resource in body.spec.resources):
            unsaid["spec"] = {"resources": {"__all__": {"capacity"}}}
        told = await self._together.do(_Item(uid, body.model_dump_json(exclude=unsaid).encode()))
        telemetry.request_id.set(told.request_id)
        return told.result

    async def _tell(self, items: Sequence[_Item]) -> list[_Told | Exception]:
        telemetry.request_id.set(uuid4().hex)
        try:
            return await (self._several(items) if len(items) > 1 else self._one(items[0]))
        except (RequestRejected, ServiceUnavailable) as error:
            if len(items) > 1 and isinstance(error, RequestRejected) and error.status in _UNREADABLE:
                raise  # one of them spoils the whole request: each is told alone
            return [error] * len(items)

    async def _several(self, items: Sequence[_Item]) -> list[_Told | Exception]:
        content = b'{"items":[' + b",".join(item.among_others() for item in items) + b"]}"
        answer = await self._catalog.call("POST", "/internal/spaces", content=content, headers=_JSON)
        answers = {one.uid: one for one in SpaceAnswers.answered(answer).items}
        return [_heard(answers[item.uid]) for item in items]

    async def _one(self, item: _Item) -> list[_Told | Exception]:
        path = f"/internal/spaces/{item.uid}"
        answer = await self._catalog.call("PUT", path, content=item.text, headers=_JSON)
        return [_Told(SpaceUpsertResult.answered(answer), telemetry.request_id.get())]


def _heard(answer: SpaceAnswer) -> _Told | Exception:
    if answer.result is not None:
        return _Told(answer.result, telemetry.request_id.get())
    assert answer.refusal is not None
    no = answer.refusal
    return RequestRejected(no.status, no.slug, no.detail, {"errors": [fault.model_dump() for fault in no.errors]})
