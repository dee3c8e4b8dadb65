"""What kubectl offers at the Tab key behind `kubectl mesto`."""

from __future__ import annotations

import os
import sys

from mesto.cli.main import app

_NO_FILES = ":4"
"""The last line that kubectl wants: offer no files instead."""


def main() -> None:
    """Complete the words behind `kubectl mesto`, the last unfinished; kubectl calls this `kubectl_complete-mesto`."""
    words = sys.argv[1:] or [""]
    os.environ |= {"_MESTO_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["mesto", *words])}
    os.environ["COMP_CWORD"] = str(len(words))
    sys.argv[1:] = []
    try:
        app(prog_name="mesto")
    finally:
        print(_NO_FILES)
