"""The short list of access tokens that auth has withdrawn: of sessions that are over, of accounts that changed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from mesto.contracts.sessions import Withdrawal

KEPT_SECONDS = 3600 + 300
"""No access token lasts longer (an hour at most, by the policy), whatever the clocks of two machines show."""

_NEVER = (-math.inf, 0.0)


class WithdrawnTokens:
    """What this process knows of it. ``listeners`` are called with each subject that is new."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[UUID], None]] = []
        self._before: dict[UUID, tuple[float, float]] = {}  # refused if issued before, and when it was learnt

    def add(self, withdrawals: Iterable[Withdrawal]) -> list[Withdrawal]:
        """Refuse these tokens from now on, and forget what is too old to matter; return those that were not refused."""
        now, fresh = time.monotonic(), list[Withdrawal]()
        for withdrawal in withdrawals:
            before = math.inf if withdrawal.before is None else withdrawal.before.timestamp()
            known, _ = self._before.get(withdrawal.subject, _NEVER)
            if before > known:
                self._before.pop(withdrawal.subject, None)  # to the end: oldest first
                self._before[withdrawal.subject] = before, now
                fresh.append(withdrawal)
                for listener in self.listeners:
                    listener(withdrawal.subject)
        while self._before and now - next(iter(self._before.values()))[1] > KEPT_SECONDS:
            del self._before[next(iter(self._before))]
        return fresh

    def include(self, session_id: UUID, account_id: UUID, issued_at: float) -> bool:
        """Return whether a token of this session and account, issued then (seconds since 1970), is withdrawn."""
        for subject in (session_id, account_id):
            before, _ = self._before.get(subject, _NEVER)
            if issued_at <= before:
                return True
        return False
