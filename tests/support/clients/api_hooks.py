"""Loaded by schemathesis inside its own process: who asks, our own checks, and a tally of what was answered.

Everything comes from MESTO_API_RUN, a JSON file that support.clients.apis writes.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import schemathesis
from hypothesis import strategies as st
from mesto.common.errors import MEDIA_TYPE, ProblemBody
from mesto.common.identity.signing import CallerAuth
from mesto.common.settings import CommonSettings

RUN = json.loads(Path(os.environ["MESTO_API_RUN"]).read_text())
TALLY: dict[str, Counter[str]] = {}

# Times that the platform reckons with; all others are refused, which is tested by name elsewhere.
_hours = st.integers(0, 23).map(lambda hour: f"{RUN['day']}T{hour:02}:00:00+03:00")
schemathesis.openapi.format("date-time", _hours)


@functools.cache
def _auth(caller: str) -> CallerAuth:
    return CallerAuth(CommonSettings(internal_key_dir=Path(RUN["internal_keys"])), caller, RUN["service"])


def _signed(caller: str, case: Any) -> str:
    """For this one request: its path as the service will read it."""
    path = unquote(urlsplit(case.as_transport_kwargs(base_url="http://service")["url"]).path)
    return f"Bearer {_auth(caller).token(case.method.upper(), path)}"


def _session() -> str:
    account = RUN["account"]
    answer = httpx.post(f"{RUN['auth']}/api/auth/login", json=account, timeout=60, trust_env=False)
    return answer.cookies["mesto_refresh"]


@schemathesis.auth(refresh_interval=None)
class Identity:
    """Who may: the first caller that the OpenAPI names, the person whom the operation is for, or nobody at all."""

    def get(self, case: Any, ctx: Any) -> tuple[str, str]:
        operation = case.operation.definition.raw
        known = [(name, told) for scheme in operation.get("security", []) for name, told in scheme.items()]
        if not known or not RUN["signed_in"]:
            return "", ""
        scheme, scopes = known[0]
        if scheme == "callerToken":
            return scheme, scopes[0]
        if scheme == "session":
            return scheme, _session()
        tokens = RUN["tokens"]
        return scheme, f"Bearer {tokens.get(operation['operationId'], tokens['renter'])}"

    def set(self, case: Any, data: tuple[str, str], ctx: Any) -> None:
        scheme, secret = data
        if scheme == "session":
            case.cookies["mesto_refresh"] = secret
        elif scheme == "callerToken":
            case.headers["Authorization"] = _signed(secret, case)
        elif scheme:
            case.headers["Authorization"] = secret


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    label = case.operation.label
    TALLY.setdefault(label, Counter())[str(response.status_code)] += 1


@atexit.register
def _write_tally() -> None:
    Path(RUN["tally"]).write_text(json.dumps(TALLY))


@schemathesis.check
def refusals_are_problems_with_the_request_id(ctx: Any, response: Any, case: Any) -> None:
    """Whatever went wrong: RFC 9457, and the id by which it is found in the logs."""
    if response.status_code < 400:
        return
    assert response.headers.get("content-type") == [MEDIA_TYPE], "not application/problem+json"
    problem = ProblemBody.model_validate(response.json())
    assert problem.status == response.status_code
    assert problem.title, "no title"
    assert [problem.request_id] == response.headers.get("x-request-id"), "not the id of the header"
