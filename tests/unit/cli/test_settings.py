"""How the command finds the platform."""

from __future__ import annotations

from pathlib import Path

import pytest
from mesto.cli import settings
from mesto.cli.failure import Failure


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a platform; what a test puts into the environment is taken out again."""
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    monkeypatch.setattr("os.environ", environment)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_nearest_platform_above_is_found(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = nowhere / "keys with space"
    keys.mkdir()
    (keys / "cli.key.pem").write_text("key")
    state = nowhere / ".mesto"
    (state / "bin").mkdir(parents=True)
    (state / "env").write_text("export PATH=/x:$PATH\nexport MESTO_GEO_INTERNAL_URL=http://127.0.0.1:1\n")
    script = f"#!/bin/sh\nexport MESTO_INTERNAL_KEY_DIR='{keys}'\nexport MESTO_GEO_INTERNAL_URL=other\nexec m \"$@\"\n"
    (state / "bin" / "mesto").write_text(script)
    below = nowhere / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert settings.read_env(state / "env") == {"MESTO_GEO_INTERNAL_URL": "http://127.0.0.1:1"}
    assert settings.find_state(below) == state


def test_without_one_the_sentence_says_what_to_do(nowhere: Path) -> None:
    assert settings.find_state(nowhere) is None
    with pytest.raises(Failure, match="make up"):
        settings.load()


def test_a_missing_key_is_named(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(nowhere)
    monkeypatch.setenv("MESTO_INTERNAL_KEY_DIR", str(nowhere))
    with pytest.raises(Failure, match=r"cli\.key\.pem"):
        settings.load()
