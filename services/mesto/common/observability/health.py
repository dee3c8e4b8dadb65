"""/healthz, /readyz and /metrics: the same three routes in every process, whatever else it serves."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping

import uvicorn
from mesto.common.observability.readiness import record_readiness
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Checks = Callable[[], Awaitable[Mapping[str, str]]]
"""Says of each thing that the process needs ``ok``, or what is wrong. Must bound its own time."""
SyncCheck = Callable[[], None]


def health_routes(
    checks: Checks, *, failure: Callable[[], str] = lambda: "", stopping: Callable[[], bool] = lambda: False
) -> list[Route]:
    """Return the three routes.

    Args:
        checks: Asked for /readyz and for /metrics, which shows the outcome as ``mesto_ready``: an alert can tell which
            dependency is missing.
        failure: Says what only a new process mends, empty for nothing; then /healthz answers 503.
        stopping: Whether the process ends; then it is not ready.
    """

    async def outcome() -> Mapping[str, str]:
        said = await checks()
        record_readiness(said)
        return said

    async def healthz(_: Request) -> JSONResponse:
        broken = failure()
        return JSONResponse({"status": broken or "ok"}, 503 if broken else 200)

    async def readyz(_: Request) -> JSONResponse:
        said = await outcome()
        ready = all(value == "ok" for value in said.values()) and not stopping()
        return JSONResponse({"ready": ready, "checks": dict(said)}, 200 if ready else 503)

    async def metrics(_: Request) -> Response:
        await outcome()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


class Server(uvicorn.Server):
    """A server that leaves signals to its process, which stops all its servers together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change no handler."""
        yield


def health_server(routes: list[Route], bind: str, port: int) -> Server:
    """Return a server of these routes and nothing else, for processes that serve no HTTP of their own."""
    config = uvicorn.Config(
        Starlette(routes=routes), host=bind, port=port, log_config=None, access_log=False, lifespan="off"
    )
    return Server(config)


def in_threads(checks: Mapping[str, SyncCheck]) -> Checks:
    """Return checks that block, and raise when they fail, as ``Checks``; each must be done within 3 s."""

    def run() -> dict[str, str]:
        outcome: dict[str, str] = {}
        for name, check in checks.items():
            try:
                check()
                outcome[name] = "ok"
            except Exception as error:
                outcome[name] = repr(error)
        return outcome

    async def checked() -> Mapping[str, str]:
        return await run_in_threadpool(run)

    return checked


def serve_in_background(server: Server) -> None:
    """Serve in a thread of its own until the process ends, which it never keeps from ending."""
    threading.Thread(target=server.run, name="health", daemon=True).start()
