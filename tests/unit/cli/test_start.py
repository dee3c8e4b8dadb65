"""What a call of the command brings into its process before it does anything: people wait for that at each call."""

from __future__ import annotations

import subprocess
import sys

LATE = (
    "asyncio rich httpx structlog sentry_sdk uvicorn kubernetes yaml slugify"
    " mesto.common.settings mesto.contracts.spaces"
)


def test_a_call_brings_only_what_every_command_needs() -> None:
    program = "import sys, mesto.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not set(LATE.split()) & set(done.stdout.split())


def test_who_only_calls_a_service_brings_no_web_server_and_no_reporter() -> None:
    program = "import sys, mesto.common.http.internal_client; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not {"structlog", "sentry_sdk", "uvicorn"} & set(done.stdout.split())
