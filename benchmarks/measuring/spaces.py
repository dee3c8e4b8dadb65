"""CoworkingSpaces for benchmarks of operators, and a client that leaves the cores to what is measured."""

from __future__ import annotations

import asyncio
import copy
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
import yaml
from mestolocal.cluster import Cluster
from mestolocal.paths import DEPLOY, PlatformError

GROUP, VERSION, PLURAL = "mesto.dev", "v1alpha1", "coworkingspaces"
AT_ONCE = 8
_LONGEST_LINE = 4 * 1024 * 1024
_MERGE = {"Content-Type": "application/merge-patch+json"}
Resource = dict[str, Any]
Goal = Callable[[Resource], bool]
SPACE: Resource = {
    "apiVersion": f"{GROUP}/{VERSION}",
    "kind": "CoworkingSpace",
    "metadata": {},
    "spec": {
        "title": {"ru": "Лофт на Чистых прудах", "en": "Chistye Prudy Loft"},
        "description": {"ru": "Тихая комната под крышей.", "en": "A quiet room under the roof."},
        "city": "moscow",
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "timeZone": "Europe/Moscow",
        "openingHours": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "open": "08:00", "close": "22:00"}],
        "amenities": ["wifi", "coffee"],
        "resources": [
            {
                "name": "open-space",
                "kind": "HotDesk",
                "seats": 3,
                "prices": [{"per": "Hour", "amount": "250.00", "currency": "RUB"}],
            }
        ],
        "published": True,
    },
}


def condition(kind: str) -> Goal:
    """Whether a condition is True for the resource's own generation."""

    def holds(resource: Resource) -> bool:
        generation = resource["metadata"]["generation"]
        return any(
            condition["type"] == kind
            and condition["status"] == "True"
            and condition.get("observedGeneration") == generation
            for condition in resource.get("status", {}).get("conditions", [])
        )

    return holds


def observed(resource: Resource) -> bool:
    """Whether the status names the resource's own generation."""
    return bool(resource.get("status", {}).get("observedGeneration") == resource["metadata"]["generation"])


async def each(items: Iterable[str], work: Callable[[str], Any], at_once: int = AT_ONCE) -> None:
    """Do something with all of them, so many at a time."""
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(at_once)))


def guard(cluster: Cluster, namespace: str) -> None:
    """Our finalizer on new spaces, as the chart has it for an operator of one namespace; returns when that works."""
    policy, binding = yaml.safe_load_all((DEPLOY / "kubernetes" / "finalizers.yaml").read_text())
    binding["spec"]["matchResources"] = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    }
    for resource in (policy, binding):
        resource["metadata"]["name"] += f"-{namespace}"
    binding["spec"]["policyName"] = policy["metadata"]["name"]
    cluster.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all([policy, binding]))
    probe = orjson.dumps(SPACE | {"metadata": {"name": "probe", "namespace": namespace}}).decode()
    words = ("create", "--dry-run=server", "-f", "-", "-o", "jsonpath={.metadata.finalizers}")
    deadline = time.monotonic() + 60
    said = ""
    while "mesto.dev/space" not in said:
        assert time.monotonic() < deadline, f"the API server puts no finalizer on new spaces: {said}"
        try:
            said = cluster.kubectl(*words, stdin=probe)
        except PlatformError as error:  # a kind that is established may still not be served for a moment
            said = str(error)
        time.sleep(0.2)


class Spaces:
    """The API server as its administrator; an async context manager. All methods raise for an answer of 400 or more."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def __aenter__(self) -> Self:
        pki = self._cluster.pki
        context = ssl.create_default_context(cafile=pki / "cluster-ca.crt")
        context.load_cert_chain(pki / "client-mesto-admin.crt", pki / "client-mesto-admin.key")
        self._http = aiohttp.ClientSession(
            self._cluster.server_url,
            connector=aiohttp.TCPConnector(ssl=context, limit=64),
            headers={"Accept-Encoding": "identity"},  # or the API server would spend its time on long lists
            read_bufsize=_LONGEST_LINE,
            timeout=aiohttp.ClientTimeout(total=None, connect=10),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The answer's body."""
        data = None if body is None else orjson.dumps(body)
        usual = {"Content-Type": "application/json"} if data else {}
        async with self._http.request(method, path, data=data, headers={**usual, **(headers or {})}) as answer:
            content = await answer.read()
            assert answer.status < 400, f"{method} {path}: {answer.status} {content[:500]!r}"
            return content

    @staticmethod
    def path(namespace: str, name: str = "") -> str:
        """Of the spaces of a namespace, or of one of them."""
        return f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}" + (f"/{name}" if name else "")

    async def create(self, namespace: str, names: Iterable[str]) -> None:
        """Spaces that differ in their names only."""

        async def create_space(name: str) -> None:
            body = copy.copy(SPACE) | {"metadata": {"name": name}}
            await self.request("POST", self.path(namespace), body)

        await each(names, create_space)

    async def change(self, namespace: str, name: str, **spec: Any) -> int:
        """Set fields of a spec; the generation that comes of it."""
        said = await self.request("PATCH", self.path(namespace, name), {"spec": spec}, _MERGE)
        return int(orjson.loads(said)["metadata"]["generation"])

    async def all(self, namespace: str) -> list[Resource]:
        """As stored."""
        found: list[Resource] = orjson.loads(await self.request("GET", self.path(namespace)))["items"]
        return found

    async def clear(self, namespace: str) -> None:
        """Delete the spaces of a namespace whose operator is gone, and the Events that tell of them."""
        found = {space["metadata"]["name"]: space["metadata"].get("finalizers") for space in await self.all(namespace)}
        free = {"metadata": {"finalizers": None}}

        async def delete(name: str) -> None:
            if found[name]:
                await self.request("PATCH", self.path(namespace, name), free, _MERGE)
            await self.request("DELETE", self.path(namespace, name))

        await each(found, delete)  # one by one: the API server bounds the time of deleting all in one request
        assert not await self.all(namespace), "spaces are left"
        await self.request("DELETE", f"/apis/events.k8s.io/v1/namespaces/{namespace}/events")

    async def watch(self, namespace: str, name: str = "") -> AsyncIterator[Resource]:
        """The spaces there are, then each change of one; without an end."""
        params = {"watch": "true", "timeoutSeconds": "3000"} | (
            {"fieldSelector": f"metadata.name={name}"} if name else {}
        )
        while True:  # until then: the API server may end a watch at any time
            async with self._http.get(self.path(namespace), params=params) as answer:
                assert answer.status == 200, await answer.text()
                async for line in answer.content:
                    event = orjson.loads(line)
                    if event["type"] == "ERROR":
                        break  # begun at a state that the server has no changes after any more: begin at the newest
                    yield event["object"]

    async def reached(
        self, namespace: str, names: Iterable[str], goals: list[Goal], seen: asyncio.Event | None = None
    ) -> list[float]:
        """When (by perf_counter) the last of the names fulfilled each goal. ``seen`` is set once all of them exist."""
        unseen = set(names)
        only = next(iter(unseen)) if len(unseen) == 1 else ""
        waiting, ends = [set(unseen) for _ in goals], [0.0 for _ in goals]
        async for resource in self.watch(namespace, only):
            name = resource["metadata"]["name"]
            unseen.discard(name)
            if seen is not None and not unseen:
                seen.set()
            for number, goal in enumerate(goals):
                if name in waiting[number] and goal(resource):
                    waiting[number].discard(name)
                    ends[number] = time.perf_counter()
            if not any(waiting):
                break
        return ends
