"""What makes a password and an address acceptable."""

from __future__ import annotations

import pytest
from mesto.auth.domain.rules import name_problem, normal_password, password_problem


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


@pytest.mark.parametrize(
    "name",
    [
        *("Анна", "Anne-Marie O’Neil", "А.С.Пушкин", "А. С. Пушкин", "J.R.R. Tolkien", "Dr. Smith, Jr.", "N’Dour"),
        *("María José", "李小龙", "محمد", "Renter 7", "owner_3", "نیم\N{ZERO WIDTH NON-JOINER}فاصله", "X Æ A-12"),
    ],
)
def test_names_of_people_will_do(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Win a prize http://prize.example click", "prize.example", "go to www prize", "t.me", "T.ME", "вклад.рф"),
        *(
            "anna@example.org",
            "prize。example",
            "ｗｗｗ．prize",
            "see //prize",
            "Anna\nBcc",
            "An\N{ZERO WIDTH SPACE}na",
        ),
        *(
            "\N{RIGHT-TO-LEFT OVERRIDE}annA",
            "<b>Anna</b>",
            "12",
            "...",
            "Win 🎁 Anna",
            "bit.ly",
            "1.com",
            "Anna\x1b[31m",
        ),
    ],
)
def test_a_name_holds_no_link_no_address_and_nothing_unseen(name: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert problem.endswith(".")
