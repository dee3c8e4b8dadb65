"""How much memory and time a crawl takes, and what bounds that: what a selector says may ask for any amount of both.

The kernel holds the bounds, for the process itself can be busy all the while: a regular expression, or a JMESPath that
doubles what it found, leaves nobody else in it a turn.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_STATUS = Path("/proc/self/status")
_M_ARENA_MAX = -8
_BESIDE_MB = 192
"""Addresses that are no crawl's: stacks of threads, and what libraries map when they are first used."""


def _of_status(name: str) -> int | None:
    """Return a figure of this process, in bytes; None where the system does not tell."""
    for line in _STATUS.read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None


def bound(memory_mb: int, cpu_seconds: int) -> None:
    """Let this process have no more than that in all; where the memory of the machine runs out it goes first.

    More memory is a MemoryError, more time is SIGKILL.
    """
    # Else the C library reserves 64 MiB of addresses for each thread.
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    mapped = (_of_status("VmSize") or 0) - (_of_status("VmRSS") or 0)
    addresses = mapped + (memory_mb + _BESIDE_MB << 20)
    for what, most in (
        (resource.RLIMIT_AS, addresses),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """End this process when what is done here takes longer, telling its log what it was at. One at a time."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


class OwnMemory(MemoryUsage):
    """Scrapy's limit of memory, by what this process has taken itself.

    Scrapy asks getrusage, which on Linux begins with the peak of the process that started this one: a large scrapyd
    would end each crawl before its first page.
    """

    def get_virtual_size(self) -> int:
        """Return the most memory that was in use so far, in bytes."""
        return _of_status("VmHWM") or super().get_virtual_size()
