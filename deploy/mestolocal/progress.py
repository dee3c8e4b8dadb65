"""Progress for people: one line when a long step begins, a sign of life while it runs, one line when it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .paths import PlatformError

BEAT_SECONDS = 20


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str, usually: str = "") -> Iterator[None]:
    """Says that `title` began, every 20 s that it goes on, and how long it took."""
    begun = time.monotonic()
    ended = threading.Event()
    say(f"  … {title}" + (f" (usually {usually})" if usually else ""))

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            say(f"    still: {title}, {time.monotonic() - begun:.0f} s")

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    except BaseException:
        say(f"  ✗ {title}, after {time.monotonic() - begun:.1f} s")
        raise
    finally:
        ended.set()
    say(f"  ✓ {title}, {time.monotonic() - begun:.1f} s")


def run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, timeout: float = 1800
) -> str:
    """Output of a command; when it fails, a PlatformError with the end of what it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        timeout=timeout,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-25:])
        raise PlatformError(f"`{' '.join(command[:4])} …` ended with {done.returncode}:\n{tail}")
    return done.stdout
