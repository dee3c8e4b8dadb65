"""`python -m support.tiny BENCHMARK`: a benchmark's tiny run, whose processes are forked as all others in tests."""

from __future__ import annotations

import runpy
import sys

from mestolocal.server import Child
from support import forked


def main() -> None:
    Child.spawn = staticmethod(forked.spawn)
    sys.argv = [sys.argv[1], "--tiny"]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
