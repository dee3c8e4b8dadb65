"""Installations that share a broker."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from mestolocal.rabbitmq import RabbitMQ


class Stub(RabbitMQ):
    """A broker that says how many load definitions at once; it waits for a second one, in vain if all take turns."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"rabbitmq": 1}, "word", "cookie", throwaway=True)
        self.at_once, self.most, self._second = 0, 0, threading.Event()

    def management(self) -> httpx.Client:
        return httpx.Client(base_url="http://broker/api", transport=httpx.MockTransport(self._load))

    def _load(self, request: httpx.Request) -> httpx.Response:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if self.at_once == 2:
            self._second.set()
        self._second.wait(0.2)
        self.at_once -= 1
        return httpx.Response(204)


def test_two_installations_are_admitted_one_after_the_other(tmp_path: Path) -> None:
    broker = Stub(tmp_path)
    with ThreadPoolExecutor(2) as both:
        list(both.map(broker.admit, ["a", "b"]))
    assert broker.most == 1
