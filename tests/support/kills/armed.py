"""`python -m support.kills.armed VICTIM MODULE [ARGUMENT…]`: runs a module of the product with points and bugs planted.

The product has no switch for this; everything is patched here, before the module is run.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

FOLDER = "KILLS_FOLDER"


def main() -> None:
    from support.kills import bugs, kill_points

    victim, module, *arguments = sys.argv[1:]
    folder = Path(os.environ[FOLDER])
    kill_points.install(kill_points.Trap(folder, victim), victim)
    planted = folder / "bugs"
    for name in planted.read_text().split() if planted.exists() else []:
        bugs.BUGS[name].plant(victim)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
