"""Where the platform is: the environment, else the ``.mesto`` of `make up` in this folder or one above it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from mesto.cli.failure import Failure
from mesto.common.settings import CommonSettings


def find_state(start: Path) -> Path | None:
    """Return the nearest ``.mesto`` with an ``env`` at or above ``start``."""
    return next(
        (folder / ".mesto" for folder in (start, *start.parents) if (folder / ".mesto" / "env").is_file()), None
    )


def read_env(file: Path) -> dict[str, str]:
    """Read the ``MESTO_…`` variables of a file of ``export NAME=value`` lines."""
    found: dict[str, str] = {}
    for line in file.read_text("utf-8").splitlines():
        words = shlex.split(line, comments=True)
        for word in words[1:] if words[:1] == ["export"] else ():
            name, equals, value = word.partition("=")
            if equals and name.startswith("MESTO_"):
                found[name] = value
    return found


def load() -> CommonSettings:
    """Return the settings. Raises Failure when nothing says where the platform is."""
    state = find_state(Path.cwd())
    # What people source leaves out where the internal APIs are; the wrapper of this command has it.
    for file in (state / "env", state / "bin" / "mesto") if state else ():
        for name, value in (read_env(file) if file.is_file() else {}).items():
            os.environ.setdefault(name, value)
    settings = CommonSettings()
    if settings.internal_key_dir is None:
        raise Failure(
            "I do not know which platform to talk to: MESTO_INTERNAL_KEY_DIR is not set and there is no .mesto/env "
            "in this folder or above. Start the platform with `make up` and use .mesto/bin/mesto, or set the variables."
        )
    key = settings.internal_key_dir / "cli.key.pem"
    if not key.is_file():
        raise Failure(f"The key that this command signs with is not there: {key}.")
    return settings
