"""The operator's internal port: /healthz, /readyz and /metrics."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from mesto.common.probes import note
from mesto.operator.settings import OperatorSettings
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def app(checks: Callable[[], dict[str, str]], frozen: Callable[[], str]) -> FastAPI:
    """The three probes; ``checks`` says of each thing that is needed ``ok`` or what is wrong.

    ``frozen`` says what only a new process mends, empty for nothing.
    """
    probes = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @probes.get("/healthz")
    async def healthz() -> JSONResponse:
        failure = frozen()
        return JSONResponse({"status": failure or "ok"}, 503 if failure else 200)

    @probes.get("/readyz")
    async def readyz() -> JSONResponse:
        outcome = checks()
        note(outcome)
        up = all(value == "ok" for value in outcome.values())
        return JSONResponse({"ready": up, "checks": outcome}, 200 if up else 503)

    @probes.get("/metrics")
    async def metrics() -> Response:
        note(checks())  # for mesto_ready
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return probes


async def serve(
    settings: OperatorSettings, checks: Callable[[], dict[str, str]], frozen: Callable[[], str] = lambda: ""
) -> None:
    """Until cancelled."""
    config = uvicorn.Config(
        app(checks, frozen), host=settings.bind, port=settings.port, log_config=None, access_log=False, lifespan="off"
    )
    await _Server(config).serve()
