"""Argon2 in a bounded pool, which networks share by turns: one that floods it holds up itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from mesto.auth.passwords.rules import normal_password, password_problem
from mesto.common.errors import Problem

R = TypeVar("R")
THREADS = 2
OF_ONE, OF_ALL = 64, 512
"""How many of one network, and of all, may wait: about 10 ms each."""


def _busy() -> Problem:
    return Problem(503, "busy", "Too many people sign in right now. Try again.", headers={"Retry-After": "2"})


class Turns:
    """``at_once`` work at a time; those who wait are taken network by network, each network's in order."""

    def __init__(self, at_once: int, of_one: int = OF_ONE, of_all: int = OF_ALL) -> None:
        self._free, self._of_one, self._of_all = at_once, of_one, of_all
        self._waiting: dict[str, deque[asyncio.Future[bool]]] = {}  # in the order of their next turns

    async def acquire(self, network: str) -> None:
        """Wait for one's turn; `release` it after. Raises Problem 503 when too many of it or of all wait.

        Where all are too many, the last of the network with the most has to go for one of a network with fewer.
        """
        if self._free:
            self._free -= 1
            return
        queue = self._waiting.get(network, deque())
        if len(queue) >= self._of_one:
            raise _busy()
        if sum(map(len, self._waiting.values())) >= self._of_all:
            longest = max(self._waiting, key=lambda name: len(self._waiting[name]))
            if len(self._waiting[longest]) <= len(queue) + 1:
                raise _busy()
            self._waiting[longest].pop().set_result(False)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, queue).append(turn)
        try:
            come = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.release()
            elif turn in self._waiting.get(network, ()):
                self._waiting[network].remove(turn)
            raise
        if not come:
            raise _busy()

    def release(self) -> None:
        """End a turn: the next network's first goes on."""
        while self._waiting:
            network, queue = next(iter(self._waiting.items()))
            del self._waiting[network]
            turn = queue.popleft() if queue else None
            if queue:
                self._waiting[network] = queue  # at the end
            if turn is not None and not turn.done():
                turn.set_result(True)
                return
        self._free += 1


class Passwords:
    """Judges, hashes and checks passwords. Raises Problem 503 when too many wait.

    ``network`` is whose turn it takes.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)  # OWASP's second choice
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._turns = Turns(THREADS)
        # Checked when there is no such account, so that the answer takes as long as with one.
        self._nobody = self._hasher.hash("nobody has this password")

    async def problem(self, password: str, known: list[str], network: str) -> str | None:
        """Return why a password is too weak, as a sentence; None when it will do. ``known`` is of its holder."""
        return await self._run(network, password_problem, password, known)

    async def hash(self, password: str, network: str) -> str:
        """Return the encoded hash of a password."""
        return await self._run(network, self._hash, password)

    async def check(self, encoded: str | None, password: str, network: str) -> bool:
        """Return whether the password is right; never for None, which takes as long."""
        right = await self._run(network, self._verify, encoded or self._nobody, password)
        return right and encoded is not None

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(normal_password(password))

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, normal_password(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, network: str, work: Callable[..., R], *arguments: object) -> R:
        await self._turns.acquire(network)
        working = asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        # Whoever goes away meanwhile: the thread is taken until it has done.
        working.add_done_callback(lambda _done: self._turns.release())
        return await asyncio.shield(working)
