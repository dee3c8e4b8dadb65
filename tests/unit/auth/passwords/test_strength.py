"""Which passwords are guessed soon."""

from __future__ import annotations

import pytest
from mesto.auth.passwords.rules import _common, guessable

COMMON = [
    *("qwerty123456", "P@ssw0rd123", "Passw0rd2024!", "password1234", "1q2w3e4r5t6y", "qazwsxedcrfv", "zaq12wsxcde3"),
    *("iloveyou2024", "Welcome12345", "Admin12345!", "Summer2024!", "dragon123456", "1234567890qwe", "abcdefghij"),
    *("йцукен12345", "йцукен123456", "пароль12345", "Пароль2024!", "gfhjkm12345", "ghbdtn12345", "privet12345"),
    *("Наташа1985", "cgfhnfr1922", "любимаякошка", "зайказайка", "мойпароль2024", "aaaaaaaaaaaa", "qwertyйцукен"),
    *("ЯЛюблюТебя!", "p@r0l123456", "фывапролджэ", "Mesto-2026!"),
]


@pytest.mark.parametrize("password", COMMON)
def test_common_passwords_are_guessed_however_they_are_dressed(password: str) -> None:
    assert guessable(password)


@pytest.mark.parametrize("password", ["Annenkova-1990", "fyytyrjdf1990", "anna.sergeevna1", "Sergeevna!!77"])
def test_what_is_known_of_the_holder_is_guessed(password: str) -> None:
    assert guessable(password, ["Анна Анненкова", "anna.sergeevna@example.org", "Annenkova"])


@pytest.mark.parametrize(
    "password",
    [
        *("korrekt-Pferd-7", "three green lamps 9", "p4ssage sous la pluie", "correct-horse-9-battery", "Xk9#mQ2$vL7w"),
        *(
            "тихая комната под крышей",
            "зима лето осень весна",
            "котик-пёсик-2024",
            "ab2cd-9fghj-k3mnp-M7",
            "九つの緑のランプと雨",
        ),
    ],
)
def test_what_takes_long_to_guess_will_do(password: str) -> None:
    assert not guessable(password, ["Anna", "anna@example.org"])


def test_the_list_is_long_and_knows_russian() -> None:
    assert len(_common()) >= 10_000
    assert {"йцукен", "пароль", "gfhjkm", "parol", "ghbdtn", "natasha", "yfnfif"} <= _common()
