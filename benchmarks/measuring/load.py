"""One cheap load generator for both sides: ready-made requests over kept connections, in this process.

It shares the machine's cores with what it measures, so it does little: no headers are parsed but the length.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Seconds that all requests took, answers by status, and one body for a look."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    body: bytes = b""

    def per_second(self, status: int) -> float:
        """Requests per second. Raises AssertionError when any was not answered with ``status``."""
        assert set(self.statuses) == {status}, f"answers: {dict(self.statuses)}, one of them: {self.body[:500]!r}"
        return self.statuses.total() / self.seconds


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request on a kept connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _read_response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    found = head.lower().partition(b"content-length: ")[2]
    assert found, f"an answer without a length: {head!r}"
    return int(head[9:12]), await reader.readexactly(int(found.partition(b"\r")[0]))


async def _client(port: int, requests: Iterator[bytes], outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request_bytes in requests:
            writer.write(request_bytes)
            status, outcome.body = await _read_response(reader)
            outcome.statuses[status] += 1
    finally:
        writer.close()


async def storm(port: int, requests: Sequence[bytes], clients: int) -> Outcome:
    """Send all requests by so many clients at once, each waiting for its answer before the next."""
    outcome, shared = Outcome(), iter(requests)
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, shared, outcome) for _ in range(clients)))
    outcome.seconds = time.perf_counter() - started
    return outcome
