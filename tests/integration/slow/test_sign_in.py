"""Auth that is silent, broken or slow: whoever is known goes on, others are asked to come back, none waits in line."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.faults.concurrent_requests import assert_answers, send_all
from support.faults.network_faults import BROKEN, HARMLESS

CROWD = 60

pytestmark = pytest.mark.usefixtures("same_processes")


def strangers(weak: Any) -> list[httpx.Request]:
    """Requests with tokens of a key that booking cannot know."""
    key = Ed25519PrivateKey.generate()
    claims = jwt.decode(weak.site.signer.token(uuid.uuid4()), options={"verify_signature": False})
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": uuid.uuid4().hex})
    headers = {"Authorization": f"Bearer {token}"}
    return [httpx.Request("GET", f"{weak.site.base}/api/booking/bookings", headers=headers) for _ in range(CROWD)]


@pytest.mark.parametrize("kind", [*BROKEN, *HARMLESS])
async def test_nobody_waits_in_line_for_auth(weak: Any, kind: str, record_property: Any) -> None:
    known = [weak.bookings_request(uuid.uuid4()) for _ in range(10)]
    assert_answers(await send_all(known), 200)
    with weak.jwks.fault(kind):
        await asyncio.sleep(2.1)  # the pause between two attempts, so that one is made now
        unknown, served = await asyncio.gather(send_all(strangers(weak)), send_all(known))
        assert [outcome.status for outcome in served] == [200] * len(known)
        assert_answers(unknown, 401)
        assert {outcome.status for outcome in unknown} == ({503} if kind in BROKEN else {401})
        assert (await asyncio.to_thread(weak.ready))["ready"], "nothing but sign-in needs auth"
        longest = max(outcome.seconds for outcome in unknown)
        # One after another they would wait sixty times as long as the first of them.
        assert longest < 6 * min(outcome.seconds for outcome in unknown) + 6
    record_property(f"auth {kind}: the longest of {CROWD} strangers, s", round(longest, 1))
    await asyncio.sleep(2.1)
    back = await send_all(strangers(weak)[:3])
    assert [outcome.status for outcome in back] == [401] * 3, json.dumps([o.status for o in back])
