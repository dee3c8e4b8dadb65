"""A crawl's limit of memory counts what the crawl has taken, whoever started it."""

from __future__ import annotations

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
