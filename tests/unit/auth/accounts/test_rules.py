"""What makes a name acceptable."""

from __future__ import annotations

import pytest
from mesto.auth.accounts.rules import name_problem


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
