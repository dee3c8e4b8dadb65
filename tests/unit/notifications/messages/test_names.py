"""A name in a greeting is a name: whoever registers must not write to others through our mails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.notifications.messages.rules.names import name_for_greeting


@pytest.mark.parametrize(
    "name",
    [
        "Анна",
        "Anna-Maria O’Neill",
        "J.R.R. Tolkien",
        "А. С. Пушкин",
        "Мартин Лютер Кинг, мл.",
        "Jean‐Luc Müller 3rd",
        "Zoë D'Arcy",
        "李小龍",
    ],
)
def test_names_are_used(name: str) -> None:
    assert name_for_greeting(name) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        "Win a prize http://evil.example click",
        "evil.example",
        "Visit evil.example now",
        "www evil example",
        "me@evil.example",
        "evil。example",
        "ｅｖｉｌ．ｅｘａｍｐｌｅ",
        "evil․example",
        "evil\u200b.example",
        "\u202eelpmaxe.live",
        "HTTPS evil",
        "call 8 800 555 35 35",
        "<a href>",
        "Anna\r\nBcc: all",
        "[click](evil)",
        "evil/example",
        "...",
        "42",
        "  ",
        "a" * 65,
    ],
)
def test_what_looks_like_an_address_or_a_link_is_not(name: str) -> None:
    # A line break is a blank, and what stands behind it has a colon.
    assert name_for_greeting(name) == ""


@given(st.text())
def test_no_name_brings_more_than_letters_and_marks_of_names(name: str) -> None:
    assert not set(name_for_greeting(name)) & set("@/\\:<>[]{}%#?=&\r\n\0")
