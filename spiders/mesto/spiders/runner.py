"""What scrapyd starts for a job: Scrapy, in a process that ends when scrapyd has, and by itself when it hangs."""

from __future__ import annotations

import ctypes
import math
import os
import signal

from mesto.spiders.environment import SpiderSettings
from mesto.spiders.memory import bound

PARENT = "MESTO_SCRAPYD_PID"
"""The variable that says who started this process."""
_PR_SET_PDEATHSIG = 1
_GRACE = 300
"""Seconds after the time that a run may take until the kernel ends its process, whatever it does."""


def end_with_parent() -> None:
    """Ask for SIGTERM when the process that started this one ends; the run then says that it was stopped."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(os.environ.get(PARENT, os.getppid())):
        raise SystemExit("scrapyd ended before this process could ask to be told")


def main() -> None:
    """Run the command that stands in the arguments, as ``scrapy`` would."""
    end_with_parent()
    # No handler: the kernel ends a process that is stuck in a regular expression, too.
    settings = SpiderSettings()
    signal.alarm(math.ceil(settings.run) + _GRACE)
    from scrapy.cmdline import execute

    bound(settings.memory_mb, settings.cpu)
    execute()


if __name__ == "__main__":
    main()
