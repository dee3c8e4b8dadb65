"""Which answer of a service is news, and when a space is listed."""

from __future__ import annotations

from typing import Any

import pytest
from mesto.catalog.answers.rules import listing, newer
from mesto.contracts.spaces import Applied, Bookable


def make_answer(revision: int, outcome: Any = "applied", reason: str = "Applied") -> Applied:
    return Applied(revision=revision, outcome=outcome, reason=reason)


def judged(revision: int, status: bool, sequence: int = 1) -> Applied:
    verdict = Bookable(status=status, reason="Bookable" if status else "NothingFits")
    return Applied(revision=revision, outcome="applied", reason="Applied", bookable=verdict, sequence=sequence)


REFUSED = make_answer(7, "refused", "UnknownCity")


@pytest.mark.parametrize(
    ("before", "booking", "geo", "located", "after"),
    [
        ("waiting", None, make_answer(7), True, "waiting"),
        ("waiting", make_answer(7), make_answer(6), True, "waiting"),
        ("waiting", make_answer(7), make_answer(7), False, "waiting"),
        ("waiting", make_answer(7), make_answer(7), True, "listed"),
        ("waiting", None, REFUSED, True, "withheld"),
        ("withheld", make_answer(7), None, False, "withheld"),
        ("withheld", make_answer(7), make_answer(7), True, "listed"),
        ("listed", make_answer(7), REFUSED, True, "listed"),
        ("listed", None, None, False, "listed"),
    ],
)
def test_a_space_is_listed_from_the_first_time_that_it_is_ready(
    before: str, booking: Applied | None, geo: Applied | None, located: bool, after: str
) -> None:
    answers = {name: applied for name, applied in (("booking", booking), ("geo", geo)) if applied is not None}
    assert listing(before, 7, answers, located=located) == after


def test_only_a_newer_revision_or_another_outcome_of_the_same_replaces_an_answer() -> None:
    assert newer(None, make_answer(1))
    assert newer(make_answer(1), make_answer(2))
    assert newer(make_answer(2), make_answer(2, "refused", "Full"))
    assert not newer(make_answer(2), make_answer(2))
    assert newer(judged(2, True, 1), judged(2, False, 2))
    assert not newer(judged(2, False, 2), judged(2, True, 1))
    assert newer(judged(2, False, 2), judged(3, True, 1))
    assert not newer(make_answer(2), make_answer(1, "refused", "Full"))
