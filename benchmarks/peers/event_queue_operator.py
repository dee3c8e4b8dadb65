"""The peer of the operator's shape: watch events feed one queue, whose workers write the status themselves.

It does nothing but say in the status what it has seen, as usual_operator.py does.
"""

from __future__ import annotations

import asyncio
from typing import Any

import kopf
from kubernetes.aio import client, config

KIND = ("mesto.dev", "v1alpha1", "coworkingspaces")
WORKERS = 16


class Work:
    """Generations that wait, by namespace and name: what changes while it waits is written once."""

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, str], int] = {}
        self.keys: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.workers: list[asyncio.Task[None]] = []

    def add(self, namespace: str, name: str, generation: int) -> None:
        """Say so in the status soon."""
        if (namespace, name) not in self.waiting:
            self.keys.put_nowait((namespace, name))
        self.waiting[namespace, name] = generation

    async def write(self, api: client.CustomObjectsApi) -> None:
        """One worker."""
        group, version, plural = KIND
        while True:
            namespace, name = key = await self.keys.get()
            body = {"status": {"observedGeneration": self.waiting.pop(key)}}
            await api.patch_namespaced_custom_object_status(
                group, version, namespace, plural, name, body, _content_type="application/merge-patch+json"
            )


work = Work()


@kopf.on.startup()
async def begin(settings: kopf.OperatorSettings, **_: Any) -> None:
    settings.posting.enabled = False
    configuration = client.Configuration()
    await config.load_kube_config(client_configuration=configuration)
    api = client.CustomObjectsApi(client.ApiClient(configuration))
    work.workers = [asyncio.create_task(work.write(api)) for _ in range(WORKERS)]


@kopf.on.cleanup()
async def end(**_: Any) -> None:
    for worker in work.workers:
        worker.cancel()


@kopf.on.event(*KIND)
async def note(event: Any, meta: kopf.Meta, status: kopf.Status, **_: Any) -> None:
    if event["type"] != "DELETED" and status.get("observedGeneration") != meta["generation"]:
        work.add(str(meta.namespace), str(meta.name), meta["generation"])
