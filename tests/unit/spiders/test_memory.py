"""A crawl's limit of memory counts what the crawl has taken, whoever started it."""

from __future__ import annotations

import signal
import subprocess
import sys

_CRAWL = """
from resource import RUSAGE_SELF, getrusage
from mesto.spiders.memory import OwnMemory
print(OwnMemory.get_virtual_size(object.__new__(OwnMemory)), getrusage(RUSAGE_SELF).ru_maxrss * 1024)
"""
_LARGE = """
import subprocess, sys
ballast = b"x" * 400_000_000
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""


def test_memory_of_the_process_that_started_it_does_not_count() -> None:
    words = [sys.executable, "-c", _LARGE, _CRAWL]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    own, with_parent = map(int, told.split())
    assert 10_000_000 < own < 300_000_000
    assert with_parent > 400_000_000, "the system no longer counts so: OwnMemory is not needed any more"


_BOUND = """
import math, resource, sys, threading, time
from mesto.spiders.memory import bound
bound(128, math.ceil(time.process_time()) + int(sys.argv[1]))  # beside what imports have taken
threads = [threading.Thread(target=threading.Event().wait, args=(0.2,)) for _ in range(10)]
for thread in threads:
    thread.start()
print("threads", flush=True)
try:
    bytearray(512 << 20)
except MemoryError:
    print("MemoryError", flush=True)
bytearray(100 << 20)
print("enough", flush=True)
while sys.argv[1] == "1":
    pass
"""


def test_a_process_gets_no_more_memory_than_it_may_and_goes_on() -> None:
    words = [sys.executable, "-c", _BOUND, "60"]
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.split() == [
        "threads",
        "MemoryError",
        "enough",
    ]


def test_a_process_that_has_used_its_time_is_killed() -> None:
    ended = subprocess.run([sys.executable, "-c", _BOUND, "1"], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, "enough" in ended.stdout) == (-signal.SIGKILL, True)


def test_what_takes_too_long_ends_the_process_though_nothing_else_gets_a_turn() -> None:
    """A regular expression lets go of nothing while it looks."""
    code = (
        "import re, threading; from mesto.spiders.memory import within\n"
        "with within(60): pass\n"
        "with within(0.3): re.match('(a+)+$', 'a' * 60 + 'b')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, "Timeout" in ended.stderr) == (1, True)
