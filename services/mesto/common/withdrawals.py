"""How a service learns which access tokens auth has withdrawn: it waits at auth for the next one."""

from __future__ import annotations

import structlog
from mesto.common.http.internal_client import InternalClient, RequestRejected, ServiceUnavailable
from mesto.common.identity.withdrawn_tokens import WithdrawnTokens
from mesto.common.settings import ServiceSettings
from mesto.contracts.sessions import Withdrawals
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential, wait_random

log = structlog.get_logger(__name__)
WAIT_SECONDS = 20
_ANSWER_SECONDS = 4
_PATH = "/internal/withdrawals"


def _note_failure(attempt: RetryCallState) -> None:
    if attempt.attempt_number == 1:
        log.warning("withdrawals_not_followed", error=repr(attempt.outcome.exception() if attempt.outcome else None))


async def follow(settings: ServiceSettings, tokens: WithdrawnTokens) -> None:
    """Keep ``tokens`` true until cancelled. While auth is away they stay as they are: nobody is signed out by that."""
    auth = InternalClient(settings, settings.service, "auth", connections=1)
    patient = AsyncRetrying(
        retry=retry_if_exception_type((RequestRejected, ServiceUnavailable, ValueError)),  # ValueError: no such page
        wait=wait_exponential(0.1, max=1) + wait_random(0, 0.2),
        before_sleep=_note_failure,
    )
    cursor = ""

    async def page() -> Withdrawals:
        params = {"cursor": cursor, "wait": WAIT_SECONDS}
        answer = await auth.call("GET", _PATH, seconds=WAIT_SECONDS + _ANSWER_SECONDS, params=params)
        return Withdrawals.parse_answer(answer)

    try:
        while True:
            found: Withdrawals = await patient(page)
            tokens.add(found.items)
            cursor = found.next_cursor
    finally:
        await auth.close()
