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


def app(ready: Callable[[], bool]) -> FastAPI:
    """The three probes; ``ready`` says whether the watch is up."""
    probes = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    def watching() -> bool:
        up = ready()
        note({"watch": "ok" if up else "the watch is not up"})
        return up

    @probes.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @probes.get("/readyz")
    async def readyz() -> JSONResponse:
        up = watching()
        return JSONResponse({"ready": up}, 200 if up else 503)

    @probes.get("/metrics")
    async def metrics() -> Response:
        watching()  # for mesto_ready
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return probes


async def serve(settings: OperatorSettings, ready: Callable[[], bool]) -> None:
    """Until cancelled."""
    config = uvicorn.Config(
        app(ready), host=settings.bind, port=settings.port, log_config=None, access_log=False, lifespan="off"
    )
    await _Server(config).serve()
