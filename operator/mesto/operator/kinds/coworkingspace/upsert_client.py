"""Telling catalog of many spaces: those that wait while a request is under way go together with the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from mesto.common.batching import Batcher
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.observability import request_context
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


class _Result(NamedTuple):
    result: SpaceUpsertResult
    request_id: str


class _Item(NamedTuple):
    uid: UUID
    text: bytes

    def to_batch_item(self) -> bytes:
        """Return it as a ``SpaceUpsertItem``: the body, written once, with its uid before it."""
        return b'{"uid":"%s",' % str(self.uid).encode() + self.text[1:]


class BatchingCatalogClient:
    """One per process."""

    def __init__(self, catalog: InternalClient) -> None:
        self._catalog = catalog
        self._batcher: Batcher[_Item, _Result] = Batcher(
            self._send,
            max_items=MOST_UPSERTS,
            at_once=REQUESTS,
            size_of=lambda item: len(item.text),
            max_size=MOST_BYTES,
        )

    async def upsert(self, uid: UUID, body: SpaceUpsert) -> SpaceUpsertResult:
        """Return what became of a generation. Raises ServiceUnavailable, or RequestRejected as its own PUT would.

        The request's id, which catalog and the consumers of its events log, becomes the caller's.
        """
        # What is rarely said is left out: an upgrade lets a catalog run for a while that does not know it.
        rare = {"accept_affected": body.accept_affected, "release_to": body.release_to}
        left_out: dict[str, bool | dict[str, dict[str, set[str]]]] = {
            name: True for name, value in rare.items() if not value
        }
        if all(resource.capacity is None for resource in body.spec.resources):
            left_out["spec"] = {"resources": {"__all__": {"capacity"}}}
        result = await self._batcher.do(_Item(uid, body.model_dump_json(exclude=left_out).encode()))
        request_context.request_id.set(result.request_id)
        return result.result

    async def _send(self, items: Sequence[_Item]) -> list[_Result | Exception]:
        request_context.request_id.set(uuid4().hex)
        try:
            return await (self._send_batch(items) if len(items) > 1 else self._send_single(items[0]))
        except (RequestRejected, ServiceUnavailable) as error:
            if len(items) > 1 and isinstance(error, RequestRejected) and error.status in _UNREADABLE:
                raise  # one of them spoils the whole request: each is told alone
            return [error] * len(items)

    async def _send_batch(self, items: Sequence[_Item]) -> list[_Result | Exception]:
        content = b'{"items":[' + b",".join(item.to_batch_item() for item in items) + b"]}"
        answer = await self._catalog.call("POST", "/internal/spaces", content=content, headers=_JSON)
        answers = {item.uid: item for item in SpaceAnswers.parse_answer(answer).items}
        return [_to_result(answers[item.uid]) for item in items]

    async def _send_single(self, item: _Item) -> list[_Result | Exception]:
        path = f"/internal/spaces/{item.uid}"
        answer = await self._catalog.call("PUT", path, content=item.text, headers=_JSON)
        return [_Result(SpaceUpsertResult.parse_answer(answer), request_context.request_id.get())]


def _to_result(answer: SpaceAnswer) -> _Result | Exception:
    if answer.result is not None:
        return _Result(answer.result, request_context.request_id.get())
    assert answer.refusal is not None
    refusal = answer.refusal
    return RequestRejected(
        refusal.status, refusal.slug, refusal.detail, {"errors": [fault.model_dump() for fault in refusal.errors]}
    )
