"""Which addresses belong to private networks, however they are written."""

from __future__ import annotations

import pytest
from mesto.common.addresses import LABEL, is_private, is_private_literal, refusal


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("2002:7f00:1::", True),
        ("64:ff9b::7f00:1", True),
        ("64:ff9b::5db8:d822", False),
        ("93.184.216.34", False),
        ("2606:4700::1111", False),
    ],
)
def test_which_addresses_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


@pytest.mark.parametrize("host", ["[::1]", "::1", "127.0.0.1", "10.0.0.8"])
def test_a_host_that_is_a_private_address_is_seen_as_such(host: str) -> None:
    assert is_private_literal(host)


@pytest.mark.parametrize("host", ["localhost", "rival.example.org", "93.184.216.34", ""])
def test_a_name_or_a_public_address_is_no_private_literal(host: str) -> None:
    assert not is_private_literal(host)


def test_the_refusal_says_how_to_allow_it() -> None:
    assert refusal("10.0.0.8 is private").startswith("10.0.0.8 is private: label")
    assert LABEL in refusal("x")
