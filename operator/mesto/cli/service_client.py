"""One signed call to a service, with its failure as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from mesto.cli.failure import PLATFORM, Failure

_SECONDS = 120
"""Until an answer must be there: a big dataset is checked and stored before it comes."""


def call(receiver: str, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None) -> Any:
    """Return the decoded answer of ``receiver`` to a JSON body, or to none. Raises Failure."""
    # Late, for they bring half of the services' libraries along: --help and what asks Kubernetes need none of them.
    import asyncio

    from mesto.cli import settings
    from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable

    known = settings.load()

    async def send() -> Any:
        client = InternalClient(known, "cli", receiver, connections=1)
        try:
            if body is None:
                return await client.call(method, path, params=params, seconds=_SECONDS, timeout=_SECONDS)
            more: Any = {"headers": {"Content-Type": "application/json"}, "seconds": _SECONDS, "timeout": _SECONDS}
            return await client.call(method, path, content=orjson.dumps(body), **more)
        finally:
            await client.close()

    try:
        return asyncio.run(send())
    except ServiceUnavailable as error:
        raise Failure(f"{error}. Is the platform running? `make status` tells.", PLATFORM) from error
    except RequestRejected as error:
        lines = [f"{receiver} refused: {error.detail or error.slug}"]
        for item in error.errors:
            line = f"{item.get('field', '')}: {item.get('message', '')}"
            if str(item.get("message")) not in error.detail:
                lines.append(f"  {line}")
        raise Failure("\n".join(lines), problem=error.body) from error
