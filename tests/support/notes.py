"""What a type checker had reckoned of modules, kept outside the checkout and shared by all of them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock
from mestolocal.cache import key_of
from mestolocal.paths import cache_root

_LONG_AGO = (1.0, 1.0)


class Notes:
    """A tool's own cache folder; the notes of other `inputs` (locks, settings) are of no use to it."""

    def __init__(self, kind: str, folder: Path, inputs: Iterable[Path]) -> None:
        self.folder = folder
        self._kept = cache_root() / kind / key_of(inputs, sys.version)

    def take(self) -> bool:
        """Fills the folder unless there is one; says whether it did."""
        if self.folder.exists():
            return False
        with self._alone():
            if self._kept.is_dir():
                _copy(self._kept, self.folder)
        return self.folder.exists()

    def keep(self) -> None:
        """Replaces what is kept, of these inputs and of all others, by the folder's content."""
        with self._alone():
            new = _copy(self.folder, self._kept.with_suffix(".new"))
            for old in self._kept.parent.glob("*/"):
                if old != new:
                    shutil.rmtree(old)
            new.rename(self._kept)

    def _alone(self) -> FileLock:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._kept.parent / ".lock")


def _copy(source: Path, target: Path) -> Path:
    """Copies a folder, whole or not at all. By their dates its files are older than any source."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    shutil.copytree(source, scratch, dirs_exist_ok=True, copy_function=_copy_old)
    scratch.rename(target)
    return target


def _copy_old(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    os.utime(target, _LONG_AGO)
