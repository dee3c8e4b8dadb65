"""The id of the request that is being served: in logs, and in what we ask of others meanwhile.

Apart from ``telemetry``, for those who only call others set up no logs.
"""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
HEADER = "x-request-id"
