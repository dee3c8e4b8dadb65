"""Argon2 in a bounded pool: 20 ms of CPU a password must not starve everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from mesto.auth.domain.rules import normal_password
from mesto.common.errors import Problem

R = TypeVar("R")
THREADS, QUEUE = 2, 64


class Passwords:
    """Hashes and checks passwords. Raises Problem 503 when more than 64 wait."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)  # OWASP's second choice
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        # Checked when there is no such account, so that the answer takes as long as with one.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The encoded hash of a password."""
        return await self._run(self._hash, password)

    async def check(self, encoded: str | None, password: str) -> bool:
        """Whether the password is right; never for None, which takes as long."""
        right = await self._run(self._verify, encoded or self._nobody, password)
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

    async def _run(self, work: Callable[..., R], *arguments: str) -> R:
        if self._waiting >= QUEUE:
            raise Problem(503, "busy", "Too many people sign in right now. Try again.", headers={"Retry-After": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._waiting -= 1
