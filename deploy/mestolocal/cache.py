"""Build once, keep outside the checkout, share between checkouts."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from .paths import cache_root


def key_of(files: Iterable[Path], *words: str) -> str:
    """A short name for the given inputs: the contents of `files` and the words (tool versions, flags)."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    for word in words:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()[:16]


def cached(kind: str, key: str, build: Callable[[Path], None], *, keep: int = 3) -> Path:
    """The folder built for `key`; `build` fills a new folder when there is none yet.

    Two builders of the same thing wait for each other; a build that breaks off leaves nothing that looks finished. Of
    older builds the `keep` most recently used stay.
    """
    root = cache_root() / kind
    root.mkdir(parents=True, exist_ok=True)
    target = root / key
    with FileLock(root / ".lock"):
        for broken in root.glob(".building-*"):
            shutil.rmtree(broken, ignore_errors=True)
        if not target.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
            try:
                build(scratch)
                scratch.chmod(0o755)
                scratch.rename(target)
            except BaseException:
                shutil.rmtree(scratch, ignore_errors=True)
                raise
        os.utime(target)
        _forget_old(root, keep)
    return target


def _forget_old(root: Path, keep: int) -> None:
    builds = sorted((p for p in root.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in builds[keep:]:
        shutil.rmtree(old, ignore_errors=True)
