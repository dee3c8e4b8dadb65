"""Which language an Accept-Language header asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.common.language import negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,ru;q=0.9", "en"),
        ("de,ru;q=0.5,en;q=0.4", "ru"),
        ("de", "en"),
        ("ru;q=0,en;q=0.1", "en"),
        ("ru;q=bad,en;q=0.1", "en"),
        ("*", "en"),
        (";;;,=,q", "en"),
    ],
)
def test_language_of_a_header(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert negotiate(header) in ("ru", "en")


@pytest.mark.parametrize(
    ("header", "locale"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en-GB", "en"), ("de,ru;q=0.5", "ru"), ("", "en"), (";;,,", "en")],
)
def test_mails_come_in_the_language_that_was_named_first(header: str, locale: str) -> None:
    assert negotiate(header) == locale


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.5, ru;q=0.7", "ru"),
        ("de-DE,de", "en"),
        ("ru;q=0, en;q=0.1", "en"),
        ("ru;q=high", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_most_wanted_of_ours(header: str, language: str) -> None:
    assert negotiate(header) == language
