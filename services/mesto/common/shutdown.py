"""A process that was asked to stop is gone in time, whatever hangs in it."""

from __future__ import annotations

import os
import sys
import threading

_CUT_OFF = 70


def end_after(seconds: float) -> None:
    """End the process so many seconds from now unless it has ended; its exit code then is 70.

    What it had in hand goes back: brokers give unconfirmed messages to others, databases roll back.
    """

    def end() -> None:
        print(f"still here {seconds:.0f} s after it was asked to stop: cut off", file=sys.stderr, flush=True)
        os._exit(_CUT_OFF)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
