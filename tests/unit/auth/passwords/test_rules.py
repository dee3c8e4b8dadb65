"""What makes a password acceptable."""

from __future__ import annotations

import pytest
from mesto.auth.passwords.rules import normal_password, password_problem


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 40, "password12", "Password123", "qwerty12345", "anna.sergeevna1", "x" * 129, "пароль12345"],
)
def test_weak_passwords_are_refused_with_a_sentence(password: str) -> None:
    problem = password_problem(password, ["Anna", "anna.sergeevna@example.org"])
    assert problem is not None
    assert problem.endswith(".")


@pytest.mark.parametrize("password", ["korrekt-Pferd-7", "тихая комната под крышей", "p4ssage sous la pluie"])
def test_passwords_with_some_imagination_are_fine(password: str) -> None:
    assert password_problem(password, ["Anna", "anna@example.org"]) is None


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    assert normal_password("caf\u00e9 au lait!") == normal_password("cafe\u0301 au lait!")
