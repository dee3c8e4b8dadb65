"""Which addresses belong to private networks, however they are written."""

from __future__ import annotations

import pytest
from mesto.common.http.addresses import LABEL, BadAddress, is_private, is_private_literal, parse_address, refusal, shown


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
        ("168.63.129.16", True),
        ("100.100.100.200", True),
        ("192.0.0.192", True),
        ("fd00:ec2::254", True),
        ("::127.0.0.1", True),
        ("::ffff:0:127.0.0.1", True),
        ("64:ff9b:1::7f00:1", True),
        ("64:ff9b::a9fe:a9fe", True),
        ("fec0::1", True),
        ("ff02::1", True),
        ("192.88.99.1", True),
        ("::ffff:192.88.99.1", True),
        ("2002:c058:6301::", True),
        ("64:ff9b::c058:6301", True),
        ("240.0.0.1", True),
        ("255.255.255.255", True),
        ("198.18.0.1", True),
        ("203.0.113.7", True),
        ("192.52.193.1", True),
        ("192.175.48.6", True),
        ("3fff::1", True),
        ("3fff:fff:ffff::1", True),
        ("2001:db8::1", True),
        ("2001:0:5db8:d822::1", True),
        ("2001:20::1", True),
        ("2001:4:112::1", True),
        ("2620:4f:8000::1", True),
        ("5f00::1", True),
        ("4000::1", True),
        ("2002:5db8:d822::1", False),
        ("3fff:1000::1", False),
        ("2001:4860:4860::8888", False),
        ("192.88.98.1", False),
        ("223.255.255.1", False),
        ("::ffff:93.184.216.34", False),
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


@pytest.mark.parametrize(
    ("url", "url_written", "host"),
    [
        ("HTTPS://Example.ORG", "https://example.org/", "example.org"),
        ("http://example.org.:8080/a?b=1#c", "http://example.org:8080/a?b=1", "example.org"),
        ("http://Кофе.рф/", "http://xn--e1ajmy.xn--p1ai/", "xn--e1ajmy.xn--p1ai"),
        ("http://faß.de/", "http://xn--fa-hia.de/", "xn--fa-hia.de"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/", "2606:4700::1111"),
        ("http://93.184.216.34./", "http://93.184.216.34/", "93.184.216.34"),
        ("http://under_score.example.org/", "http://under_score.example.org/", "under_score.example.org"),
    ],
)
def test_an_address_has_one_spelling(url: str, url_written: str, host: str) -> None:
    assert (parse_address(url).url, parse_address(url).host) == (url_written, host)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/", "no http"),
        ("http:///a", "no http"),
        ("http://[::1", "no address"),
        ("http://a:99999/", "no address"),
        ("http://vera:secret@example.org/", "user or a password"),
        ("http://example.org\\.evil.example/", "blanks or other signs"),
        ("http://exam\tple.org/", "blanks or other signs"),
        ("http://a..b/", "no name"),
        ("http://exam%70le.org/", "no name"),
        ("http://1.2.3/", "four decimal numbers"),
        ("http://1.2.3.0x4/", "four decimal numbers"),
        ("http://example\u3002org/", "IDNA 2008"),
        ("http://\uff45xample.org/", "IDNA 2008"),
    ],
)
def test_what_can_be_read_in_two_ways_is_no_address(url: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why) as bad:
        parse_address(url)
    assert "secret" not in str(bad.value)


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://vera:pw@example.org:8443/a/b?token=t#f") == "https://example.org:8443/a/b"
    assert len(shown("https://example.org/" + "a" * 5000)) == 200
    assert shown("http://[::1") == "the address"
