"""Folders of servers: what was left behind is removed, what somebody just makes is not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from mestolocal import sessions
from mestolocal.sessions import SessionServers


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sessions, "_FOLDERS", tmp_path)
    return tmp_path


def test_what_a_killed_session_left_is_removed_and_what_lives_is_not(folders: Path) -> None:
    left = folders / "mesto-test-left"
    left.mkdir()
    lives = SessionServers()
    assert not left.exists()
    sessions.sweep()
    assert lives.folder.exists()
    lives.stop()
    assert not lives.folder.exists()


def test_sessions_that_begin_at_once_leave_each_other_alone() -> None:
    made: list[SessionServers] = []
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            made.append(SessionServers())
        except OSError as error:
            failed.append(error)

    for _ in range(10):
        together = [threading.Thread(target=begin) for _ in range(8)]
        for session in together:
            session.start()
        for session in together:
            session.join()
    assert failed == []
    assert all(session.folder.exists() for session in made)
    for session in made:
        session.stop()
