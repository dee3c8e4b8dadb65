"""`python -m support.tiny BENCHMARK`: a benchmark's tiny run, whose processes are forked as all others in tests.

PostgreSQL and RabbitMQ are the test session's (`--own-servers`: the run's own, for a benchmark that restarts them).
"""

from __future__ import annotations

import runpy
import sys

from measuring import stand
from mestolocal.server import Child
from support import forked
from support.servers.platform import Borrowed
from support.servers.session_servers import Servers


def main() -> None:
    _, benchmark, *options = sys.argv
    Child.spawn = staticmethod(forked.spawn)
    if "--own-servers" not in options:
        vars(stand)["SessionServers"] = lambda: Borrowed(Servers())
    sys.argv = [benchmark, "--tiny"]
    runpy.run_path(benchmark, run_name="__main__")


if __name__ == "__main__":
    main()
