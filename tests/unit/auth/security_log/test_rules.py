"""What may be said in the security log, and how persons are called there."""

from __future__ import annotations

from uuid import uuid4

import pytest
from mesto.auth.security_log.rules import check_details, person


@pytest.mark.parametrize("value", ["moderator", "per_account", "totp", "0b8e7c3a-6c1f-4b7e-9a51-2f6f1f9b8f10", "15"])
def test_words_of_ours_ids_and_numbers_are_said(value: str) -> None:
    check_details({"reason": value})


@pytest.mark.parametrize("value", ["anna@example.org", "Anna", "anna k", "+74951234567", "анна", "", "x" * 65, "a\nb"])
def test_what_somebody_may_have_typed_is_refused_and_not_quoted(value: str) -> None:
    with pytest.raises(ValueError, match=r"reason$") as refused:
        check_details({"reason": value})
    assert not value or value not in str(refused.value)


def test_a_person_is_one_name_by_one_key_and_another_by_another() -> None:
    anna, boris = uuid4(), uuid4()
    assert person(b"1" * 32, anna) == person(b"1" * 32, anna)
    assert len({person(b"1" * 32, anna), person(b"2" * 32, anna), person(b"1" * 32, boris)}) == 3
