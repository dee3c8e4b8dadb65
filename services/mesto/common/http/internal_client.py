"""HTTP to another part's internal API: signed, bounded in time, foreign errors turned into two of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from mesto.common.http.network_errors import reason
from mesto.common.identity import internal_tls
from mesto.common.identity.signing import CallerAuth
from mesto.common.observability.request_context import HEADER, request_id
from mesto.common.settings import CommonSettings

CALL_SECONDS = 10.0
"""Until a call must have been answered whole, unless it says otherwise."""


class ServiceUnavailable(Exception):
    """The other part did not answer, or answered 5xx: try again later."""


class RequestRejected(Exception):
    """The other part refused (4xx). ``slug`` is the end of the problem's type, ``detail`` is for people."""

    def __init__(self, status: int, slug: str, detail: str, body: dict[str, object]) -> None:
        super().__init__(detail or slug)
        self.status, self.slug, self.detail, self.body = status, slug, detail, body

    @property
    def errors(self) -> list[dict[str, object]]:
        """What is wrong with single fields, as the problem's ``errors`` say it; empty where it says nothing of them."""
        listed = self.body.get("errors")
        return [error for error in listed if isinstance(error, dict)] if isinstance(listed, list) else []


class InternalClient:
    """A connection of ``caller`` to ``receiver``; keep one per process."""

    def __init__(self, settings: CommonSettings, caller: str, receiver: str, *, connections: int = 32) -> None:
        self.receiver = receiver
        self._client = httpx.AsyncClient(
            base_url=getattr(settings, f"{receiver}_internal_url"),
            auth=CallerAuth(settings, caller, receiver),
            verify=internal_tls.trusted(settings),
            timeout=httpx.Timeout(None, connect=3),  # each call bounds its whole time
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def call(self, method: str, path: str, *, seconds: float = CALL_SECONDS, **options: Any) -> Any:
        """Return the decoded JSON answer (None for 204), or raise ServiceUnavailable or RequestRejected."""
        if current := request_id.get():
            options["headers"] = {HEADER: current, **(options.get("headers") or {})}
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.request(method, path, **options)
        except (httpx.HTTPError, TimeoutError) as error:
            raise ServiceUnavailable(f"{self.receiver} does not answer: {reason(error)}") from error
        if answer.status_code >= 500:
            raise ServiceUnavailable(f"{self.receiver} answered {answer.status_code}")
        if answer.status_code >= 400:
            raise self._rejected(answer)
        return answer.json() if answer.content else None

    @staticmethod
    def _rejected(answer: httpx.Response) -> RequestRejected:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        slug = str(body.get("type", "")).rpartition("/")[2]
        return RequestRejected(answer.status_code, slug, str(body.get("detail", "")), body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
