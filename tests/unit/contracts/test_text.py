"""Texts in two languages."""

from __future__ import annotations

from mesto.contracts.text import Text


def test_a_text_falls_back_to_the_other_language() -> None:
    assert Text(ru="Арбат").localized("en") == "Арбат"
    assert Text(en="SoHo").localized("ru") == "SoHo"
    assert Text(ru="Сохо", en="SoHo").localized("ru") == "Сохо"
    assert Text(ru="", en=None).localized("en") == ""
