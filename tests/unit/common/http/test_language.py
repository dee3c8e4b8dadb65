"""Which language an Accept-Language header asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.common.http.language import latin, negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB", "en"),
        ("en-GB,ru;q=0.9", "en"),
        ("ru-Cyrl-RU, en;q=0.9", "ru"),
        ("de,ru;q=0.5,en;q=0.4", "ru"),
        ("de-DE,de", "en"),
        ("run,russian", "en"),
        # Of equals the one named first, however exactly each is named.
        ("ru,en", "ru"),
        ("en,ru", "en"),
        ("ru,en-GB", "ru"),
        # The quality's name is in either case, with blanks around the semicolon.
        ("ru;Q=0.1,en;q=0.9", "en"),
        ("en;q=0.5, ru;q=0.7", "ru"),
        ("en ; q=0.5 , ru ; Q=0.7", "ru"),
        ("ru;q=0.123,en;q=0.124", "en"),
        ("ru;q=1.000,en;q=0.999", "ru"),
        # 0 is "not this one", for exactly what is named.
        ("ru;q=0,en;q=0.1", "en"),
        ("en;q=0,ru;q=0.1", "ru"),
        ("en;q=0.0, *", "ru"),
        ("en;q=0,ru;q=0", "en"),
        ("en-GB;q=0, en;q=0.5, ru;q=0.4", "en"),
        ("en-GB;q=0, *;q=0.5, ru;q=0.4", "en"),
        # The asterisk is whatever is not named.
        ("*", "en"),
        ("*;q=0.5, en;q=0", "ru"),
        ("*;q=0", "en"),
        ("en;q=0.1,*;q=0.9", "ru"),
        ("ru;q=0.1,*;q=0.9", "en"),
        ("ru,*;q=0.1", "ru"),
        # What is no quality does not count.
        ("ru;q=bad,en;q=0.1", "en"),
        ("ru;q=high", "en"),
        ("ru;q=2,en;q=0.1", "en"),
        ("ru;q=-1,en;q=0.1", "en"),
        (";;;,=,q", "en"),
        (";;,,", "en"),
    ],
)
def test_language_of_a_header(header: str | None, language: str) -> None:
    assert negotiate(header) == language


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert negotiate(header) in ("ru", "en")


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("Чистые пруды", "Chistye prudy"),
        ("Площадь Революции", "Ploshchad Revolyutsii"),
        ("Третьяковская", "Tretyakovskaya"),
        ("Замоскворечье", "Zamoskvorechye"),
        ("Охотный Ряд", "Okhotny Ryad"),
        ("Китай-город", "Kitay-gorod"),
        ("Белорусский вокзал", "Belorussky vokzal"),
        ("Щёлковская", "Shchyolkovskaya"),
        ("ЩУКИНО", "SHCHUKINO"),
        ("Юго-Западная", "Yugo-Zapadnaya"),
        ("Подъезд Я", "Podyezd Ya"),
        ("МЦД-2 «Щ»", "MTSD-2 «Shch»"),
        ("Серпуховско-Тимирязевская", "Serpukhovsko-Timiryazevskaya"),
        ("Ґанок", "Ganok"),
        ("Turgenevskaya 6", "Turgenevskaya 6"),
        ("", ""),
    ],
)
def test_a_name_without_a_latin_form_is_spelled_in_latin_letters(name: str, spelled: str) -> None:
    assert latin(name) == spelled


@given(st.text(st.characters(min_codepoint=0x400, max_codepoint=0x45F)))
def test_no_russian_letter_is_left(name: str) -> None:
    assert not set(latin(name).lower()) & set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
