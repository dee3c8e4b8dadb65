"""Which domains a list means."""

from __future__ import annotations

import pytest
from mesto.auth.email_domains.rules import is_within


@pytest.mark.parametrize(
    ("domain", "within"),
    [
        ("rivals.example", True),
        ("mail.rivals.example", True),
        ("a.b.rivals.example", True),
        ("notrivals.example", False),
        ("rivals.example.org", False),
        ("example", False),
    ],
)
def test_domains_below_a_listed_one_count(domain: str, within: bool) -> None:
    assert is_within(domain, {"rivals.example"}) is within
