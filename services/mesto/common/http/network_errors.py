"""Why a connection failed, in words for people: what libraries say of it names their own classes and objects."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx


def reason(error: BaseException) -> str:
    """Return the end of a sentence such as "catalog does not answer: …", without names of libraries' classes."""
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        if isinstance(cause, ssl.SSLError):
            return "its certificate or protocol is not accepted"
        if isinstance(cause, ConnectionRefusedError):
            return "it refuses connections"
        if isinstance(cause, ConnectionResetError | BrokenPipeError | httpx.RemoteProtocolError):
            return "it closed the connection"
        if isinstance(cause, TimeoutError | httpx.TimeoutException):
            return "it took too long"
    return "the connection failed"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what led to it, where libraries keep it; bounded, for a chain may be a ring."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < 20:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        others = (getattr(current, "os_error", None), current.__cause__, current.__context__)
        waiting += [other for other in others if isinstance(other, BaseException)]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
