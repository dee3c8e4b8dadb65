"""One service process: a public and an internal port, background loops, readiness, graceful stop."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from mesto.common import errors, withdrawals
from mesto.common.http import limits
from mesto.common.http.api import Api, problems
from mesto.common.http.client_address import Forwarded, networks
from mesto.common.http.request_middleware import RequestMiddleware
from mesto.common.identity import internal_tls
from mesto.common.identity.tokens import InternalVerifier, UserVerifier
from mesto.common.observability import event_loop_lag, telemetry
from mesto.common.observability.health import Server, health_routes, health_server
from mesto.common.platform_config.configuration import Followed
from mesto.common.settings import ServiceSettings
from mesto.common.shutdown import end_after
from starlette.routing import Route
from starlette.types import ASGIApp

log = structlog.get_logger(__name__)
CHECK_SECONDS = 3.0
REQUESTS_SECONDS = 15
"""Requests in hand have this long to end when the process stops; what a database does not answer ends before."""
KNOWN_SECONDS = 5.0
"""What a service has to know before it serves is waited for so long; then it answers, and is not ready."""
FILES = 65_536
LOOPS_SECONDS, CLOSERS_SECONDS = 10.0, 8.0
STOP_SECONDS = 40.0
"""The process is gone so long after SIGTERM and MESTO_DRAIN_SECONDS, whatever hangs."""
Check = Callable[[], Awaitable[None]]


def _operation_id(route: APIRoute) -> str:
    return str(route.name)


def create_app(
    service: str, routers: list[APIRouter], *, title: str, public: bool, body_bytes: int = limits.BODY_BYTES
) -> FastAPI:
    """Return a FastAPI application with problem details, request ids, limits and metrics.

    OpenAPI is under the service's prefix; bodies above ``body_bytes`` are refused.
    """
    prefix = f"/api/{service}" if public else "/internal"
    app = Api(
        title=title,
        version="1",
        openapi_url=f"{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=problems(422),
        redirect_slashes=False,
    )
    for router in routers:
        app.include_router(router, prefix=prefix)
    errors.install(app)
    app.add_middleware(limits.BodyLimit, most=body_bytes)
    app.add_middleware(RequestMiddleware, service=service)
    return app


def _allow_many_files() -> None:
    """Allow many files: every open socket of a page is one, and what a shell allows (1024) is soon used up."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))


def _error_message(check: asyncio.Future[None]) -> str:
    if not check.done():
        check.cancel()  # not waited for: what hangs may also end slowly
        return f"no answer within {CHECK_SECONDS:.0f} s"
    return "ok" if (error := check.exception()) is None else repr(error)


@dataclass
class Service:
    """What makes a process: its apps, its loops (run until cancelled), and what has to answer for it to be ready.

    It runs by its ``configuration``: until that was looked at, KNOWN_SECONDS at most, nothing is served.
    ``farewells`` run when the process is asked to stop, while requests still end; ``closers`` at its very end.
    """

    settings: ServiceSettings
    public: FastAPI
    internal: FastAPI
    loops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    configuration: Followed | None = None
    farewells: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    stopping: bool = False
    public_asgi: ASGIApp | None = None  # wraps `public` when something stands before it (Socket.IO)

    def __post_init__(self) -> None:
        self._proxies = networks(self.settings.trusted_proxies)
        assert self.settings.internal_public_dir is not None, "MESTO_INTERNAL_PUBLIC_DIR is not set"
        self.internal.state.internal_verifier = InternalVerifier(
            self.settings.internal_public_dir, self.settings.service
        )
        if not hasattr(self.public.state, "user_verifier"):
            self.public.state.user_verifier = UserVerifier.from_auth(self.settings)
        if self.settings.service != "auth":  # which reads it from its own tables
            tokens = self.public.state.user_verifier.withdrawn
            self.loops.append(partial(withdrawals.follow, self.settings, tokens))
        self.internal.router.routes.extend(self._health())
        if self.configuration is not None:
            self.internal.state.configuration = self.configuration
            self.loops.append(self.configuration.run)
            self.checks["configuration"] = self.configuration.check

    def _health(self) -> list[Route]:
        return health_routes(self._check_all, stopping=lambda: self.stopping)

    async def _check_all(self) -> dict[str, str]:
        asked = {name: asyncio.ensure_future(check()) for name, check in self.checks.items()}
        if asked:
            await asyncio.wait(asked.values(), timeout=CHECK_SECONDS)
        return {name: _error_message(answer) for name, answer in asked.items()}

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT: requests in hand finish, then loops are cancelled and connections closed."""
        _allow_many_files()
        gc.collect()
        gc.freeze()  # what was made until now stays: no collection need walk through it again
        gc.set_threshold(10_000)  # a request makes more objects than the 700 after which Python would look for cycles
        uvloop.run(self._run())

    async def _run(self) -> None:
        tls = internal_tls.offered(self.settings)
        servers = [
            self._server(Forwarded(self.public_asgi or self.public, self._proxies), self.settings.public_port),
            self._server(self.internal, self.settings.internal_port, tls),
        ]
        if self.settings.probe_port:
            servers.append(health_server(self._health(), self.settings.bind, self.settings.probe_port))
        if tls:
            self.loops.append(partial(internal_tls.renew, servers[1].config))
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked.set)
        tasks = [asyncio.create_task(self._guard(run, asked.set)) for run in [event_loop_lag.watch_loop, *self.loops]]
        stopping = asyncio.create_task(self._stop(asked, servers))
        try:
            await self._learn(asked)
            await asyncio.gather(*(server.serve() for server in servers))
        finally:
            stopping.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=LOOPS_SECONDS)
            closing = [asyncio.ensure_future(close()) for close in self.closers]
            if closing:
                await asyncio.wait(closing, timeout=CLOSERS_SECONDS)
            log.info("stopped")

    async def _learn(self, asked: asyncio.Event) -> None:
        """Wait for the policy: else the first requests after a restart would be answered by what is built in."""
        if self.configuration is None:
            return
        learning = asyncio.ensure_future(self.configuration.wait_until_read())
        stop = asyncio.ensure_future(asked.wait())
        await asyncio.wait((learning, stop), timeout=KNOWN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in (learning, stop):
            task.cancel()

    async def _stop(self, asked: asyncio.Event, servers: list[Server]) -> None:
        """Stop: not ready at once, nothing new after the drain. A second signal ends the process there and then."""
        await asked.wait()
        drain = self.settings.drain_seconds
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)
        end_after(drain + STOP_SECONDS)
        self.stopping = self.public.state.stopping = self.internal.state.stopping = True
        log.info("stopping", drain_seconds=drain)
        await asyncio.sleep(drain)
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*(farewell() for farewell in self.farewells), return_exceptions=True)

    async def _guard(self, run: Callable[[], Awaitable[None]], stop: Callable[[], None]) -> None:
        try:
            await run()
        except Exception as error:
            # A loop that dies silently is worse than a restart: end the process, the supervisor starts it anew.
            log.exception("loop_died")
            telemetry.report(error)
            stop()

    def _server(self, app: ASGIApp, port: int, tls: internal_tls.TlsOptions | None = None) -> Server:
        config = uvicorn.Config(
            app,
            host=self.settings.bind,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=REQUESTS_SECONDS,
            proxy_headers=False,  # the public port has `Forwarded`; who calls the internal one stands before it
            server_header=False,
            http=limits.Http,
            ws_max_size=limits.BODY_BYTES,
            **(tls or {}),
        )
        return Server(config)
