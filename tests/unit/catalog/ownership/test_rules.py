"""Whose a declared space is."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from uuid import UUID

import pytest
from mesto.catalog.ownership.rules import Tenure, first_owner

ANNA, BORIS = UUID(int=1), UUID(int=2)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tenures", "named", "owner"),
    [
        ([], 5, None),
        ([(ANNA, 1, None)], 5, ANNA),
        ([(ANNA, 9, None)], 5, ANNA),
        ([(ANNA, 1, 9), (BORIS, 12, None)], 5, ANNA),
        ([(ANNA, 7, 9), (BORIS, 12, None)], 5, ANNA),
        ([(ANNA, 1, 4), (BORIS, 6, None)], 5, BORIS),
        ([(ANNA, 1, 4)], 5, None),
        ([(ANNA, 1, 5), (BORIS, 6, None)], 5, BORIS),
        ([(ANNA, 1, 4), (BORIS, 6, 8), (ANNA, 9, None)], 5, BORIS),
        ([(ANNA, 1, 7), (BORIS, 8, 9), (ANNA, 10, None)], 5, ANNA),
        ([(ANNA, 1, None)], None, None),
    ],
    ids=[
        "nobody has it",
        "verified before it is named",
        "verified after it is named",
        "given up after it was named",
        "had it for a while after it was named",
        "given up before it was named",
        "nobody has it any more",
        "given up just then",
        "taken back after another had it",
        "had it when it was named and took it back",
        "the address counts no more",
    ],
)
def test_the_first_who_verified_it_of_those_it_can_mean(
    tenures: list[tuple[UUID, int, int | None]], named: int | None, owner: UUID | None
) -> None:
    told = [Tenure(who, day(since), until and day(until)) for who, since, until in tenures]
    named_at = None if named is None else day(named)
    assert {first_owner(order, named_at) for order in itertools.permutations(told)} == {owner}


def test_two_of_the_same_moment_are_told_apart_the_same_way_each_time() -> None:
    both = [Tenure(BORIS, day(1), None), Tenure(ANNA, day(1), None)]
    assert first_owner(both, day(5)) == first_owner(both[::-1], day(5)) == ANNA
