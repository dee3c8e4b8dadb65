"""Notes of type checkers: what one checkout reckoned is where another begins, and never what it ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import notes
from support.notes import Notes
from support.run import remembering


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(notes, "cache_root", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "lock").write_text("packages")
    return tmp_path / "lock"


def checkout(tmp_path: Path, name: str, lock: Path) -> Notes:
    return Notes("checker", tmp_path / name / "notes", [lock])


def kept(tmp_path: Path, lock: Path, text: str) -> None:
    first = checkout(tmp_path, "first", lock)
    first.folder.mkdir(parents=True)
    (first.folder / "modules").write_text(text)
    first.keep()


def test_another_checkout_begins_with_them_and_its_sources_are_all_newer(tmp_path: Path, lock: Path) -> None:
    kept(tmp_path, lock, "once")
    kept_again = checkout(tmp_path, "first", lock)
    (kept_again.folder / "modules").write_text("twice")
    kept_again.keep()
    second = checkout(tmp_path, "second", lock)
    assert second.take()
    assert (second.folder / "modules").read_text() == "twice"
    assert (second.folder / "modules").stat().st_mtime < lock.stat().st_mtime
    assert not second.take()  # it has its own by now


def test_those_of_other_packages_are_not_taken_and_go(tmp_path: Path, lock: Path, root: Path) -> None:
    kept(tmp_path, lock, "old")
    lock.write_text("other packages")
    second = checkout(tmp_path, "second", lock)
    assert not second.take()
    second.folder.mkdir(parents=True)
    second.keep()
    assert len([path for path in (root / "checker").iterdir() if path.is_dir()]) == 1


def test_what_is_refused_with_them_is_looked_at_without(tmp_path: Path, lock: Path) -> None:
    kept(tmp_path, lock, "a module is missing")
    second = checkout(tmp_path, "second", lock)
    runs: list[bool] = []

    def step() -> int:
        runs.append(second.folder.exists())
        second.folder.mkdir(parents=True, exist_ok=True)
        return 1 if (second.folder / "modules").exists() else 0

    assert remembering(second, step)() == 0
    assert runs == [True, False]


def test_what_is_refused_without_them_stays_refused_and_is_not_kept(tmp_path: Path, lock: Path) -> None:
    second, runs = checkout(tmp_path, "second", lock), 0

    def step() -> int:
        nonlocal runs
        runs += 1
        second.folder.mkdir(parents=True, exist_ok=True)
        return 1

    assert remembering(second, step)() == 1
    assert runs == 1
    assert not checkout(tmp_path, "third", lock).take()
