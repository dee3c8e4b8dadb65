"""Texts in two languages, and the one rule of choosing a language."""

from __future__ import annotations

from mesto.contracts.text import Text, choose


def test_a_text_falls_back_to_the_other_language() -> None:
    assert Text(ru="Арбат").localized("en") == "Арбат"
    assert Text(en="SoHo").localized("ru") == "SoHo"
    assert Text(ru="Сохо", en="SoHo").localized("ru") == "Сохо"
    assert Text(ru="", en=None).localized("en") == ""


def test_texts_as_they_are_stored_do_so_too() -> None:
    assert choose({"ru": "Да", "en": "Yes"}, "en") == "Yes"
    assert choose({"ru": "Да", "en": None}, "en") == "Да"
    assert choose({"en": "Yes"}, "ru") == "Yes"
    assert choose({}, "ru") is None
    assert choose(None, "ru") is None
