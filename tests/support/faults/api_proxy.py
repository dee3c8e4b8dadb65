"""A proxy before the API server that answers some requests itself, or lets nothing through, as a test says."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from mestolocal.ports import free_ports

_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host", "authorization"}


@dataclass(frozen=True)
class Asked:
    """A request that has come, and when (by the monotonic clock)."""

    method: str
    path: str
    query: dict[str, str]
    at: float

    @property
    def watch(self) -> bool:
        """Whether it is a watch that is to last: not one that only looks whether there is something."""
        return self.query.get("watch", "").lower() == "true" and self.query.get("timeoutSeconds") != "1"


@dataclass(frozen=True)
class Answer:
    """Sent in place of the API server's."""

    status: int
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


Rule = Callable[[Asked], Answer | None]


class ApiProxy:
    """Plain HTTP on loopback to the server of a kubeconfig, with its client certificate. ``asked`` is what came."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        known = yaml.safe_load(kubeconfig.read_text())
        self._server = str(known["clusters"][0]["cluster"]["server"])
        self._tls = _tls(known, folder)
        self.port = free_ports(("api_proxy",))["api_proxy"]
        self.asked: list[Asked] = []
        self._rules: list[Rule] = []
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._held: Callable[[Asked], bool] = lambda _: False
        self._open: dict[asyncio.Task[Any], Asked] = {}
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(30)

    def kubeconfig(self, path: Path) -> Path:
        """A kubeconfig that leads here."""
        here = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "mesto", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "nobody", "user": {"token": "unused"}}],
            "contexts": [{"name": "mesto", "context": {"cluster": "mesto", "user": "nobody", "namespace": "mesto"}}],
            "current-context": "mesto",
        }
        path.write_text(yaml.safe_dump(here))
        return path

    @contextmanager
    def rule(self, rule: Rule) -> Iterator[None]:
        """Requests that the rule has an answer for get it, until the block ends."""
        self._rules.append(rule)
        try:
            yield
        finally:
            self._rules.remove(rule)

    @contextmanager
    def frozen(self, which: Callable[[Asked], bool]) -> Iterator[None]:
        """Open and new requests of these are open and silent; what was held comes when the block ends."""
        self._held = which
        self._loop.call_soon_threadsafe(self._flowing.clear)
        try:
            yield
        finally:
            self._held = lambda _: False
            self._loop.call_soon_threadsafe(self._flowing.set)

    def cut(self, which: Callable[[Asked], bool]) -> None:
        """End the connections of these requests that are open now, as a load balancer does."""
        self._loop.call_soon_threadsafe(self._cut, which)

    def _cut(self, which: Callable[[Asked], bool]) -> None:
        for task, asked in self._open.items():
            if which(asked):
                task.cancel()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._client = self._loop.run_until_complete(_client(self._tls))
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._client.close())
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _through(self, asked: Asked) -> None:
        while self._held(asked):
            await self._flowing.wait()
            await asyncio.sleep(0)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(request.method, request.path, dict(request.query), time.monotonic())
        self.asked.append(asked)
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = asked
        try:
            await self._through(asked)
            for rule in self._rules:
                if (answer := rule(asked)) is not None:
                    headers = {"Content-Type": "application/json"} | answer.headers
                    return web.Response(status=answer.status, body=answer.body, headers=headers)
            return await self._forward(request, asked)
        finally:
            del self._open[task]

    async def _forward(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        url = f"{self._server}{request.path_qs}"
        async with self._client.request(
            request.method, url, headers=headers, data=await request.read() or None
        ) as upstream:
            kept = {name: value for name, value in upstream.headers.items() if name.lower() not in _HOP}
            response = web.StreamResponse(status=upstream.status, headers=kept)
            with contextlib.suppress(ConnectionError):  # whoever asked has gone
                await response.prepare(request)
                async for chunk in upstream.content.iter_any():
                    await self._through(asked)
                    await response.write(chunk)
                await response.write_eof()
            return response


async def _client(tls: ssl.SSLContext) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(ssl=tls, limit=0)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None), trust_env=False)


def _tls(known: dict[str, Any], folder: Path) -> ssl.SSLContext:
    user, cluster = known["users"][0]["user"], known["clusters"][0]["cluster"]
    certificate = folder / "api_proxy.pem"
    certificate.touch(0o600)
    parts = (user["client-certificate-data"], user["client-key-data"])
    certificate.write_bytes(b"\n".join(base64.b64decode(part) for part in parts))
    context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    context.load_cert_chain(certificate)
    return context
