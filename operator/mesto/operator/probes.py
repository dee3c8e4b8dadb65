"""The operator's internal port: /healthz, /readyz and /metrics."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import uvicorn
from mesto.common.observability.health import note
from mesto.operator.settings import OperatorSettings
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def app(checks: Callable[[], dict[str, str]], frozen: Callable[[], str]) -> Starlette:
    """The three probes; ``checks`` says of each thing that is needed ``ok`` or what is wrong.

    ``frozen`` says what only a new process mends, empty for nothing.
    """

    async def healthz(_: Request) -> JSONResponse:
        failure = frozen()
        return JSONResponse({"status": failure or "ok"}, 503 if failure else 200)

    async def readyz(_: Request) -> JSONResponse:
        outcome = checks()
        note(outcome)
        up = all(value == "ok" for value in outcome.values())
        return JSONResponse({"ready": up, "checks": outcome}, 200 if up else 503)

    async def metrics(_: Request) -> Response:
        note(checks())  # for mesto_ready
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


async def serve(
    settings: OperatorSettings, checks: Callable[[], dict[str, str]], frozen: Callable[[], str] = lambda: ""
) -> None:
    """Until cancelled."""
    config = uvicorn.Config(
        app(checks, frozen), host=settings.bind, port=settings.port, log_config=None, access_log=False, lifespan="off"
    )
    await _Server(config).serve()
