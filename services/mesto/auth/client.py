"""Who asks: from where, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from mesto.common.http.client_address import client_address

LONGEST = 300


@dataclass(frozen=True)
class Client:
    """The address of whoever sent a request, empty when nobody knows, and what their browser calls itself."""

    address: str = ""
    user_agent: str = ""


async def _client(request: Request) -> Client:
    told = request.headers.get("user-agent", "")
    return Client(client_address(request), "".join(letter for letter in told if letter.isprintable())[:LONGEST])


RequestClient = Annotated[Client, Depends(_client)]
"""The client of this request."""
