"""Spellings of e-mail addresses: which are one address, and which must never be taken for one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.common.identity.emails import key, normal, same

DOMAINS = {
    "example.org": ["example.org", "EXAMPLE.org", "example\N{IDEOGRAPHIC FULL STOP}org", "ｅxample.org"],
    "пример.рф": ["пример.рф", "ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai", "XN--E1AFMKFD.xn--p1ai"],
    "bücher.example.org": ["bu\N{COMBINING DIAERESIS}cher.example.org", "xn--bcher-kva.example.org"],
    "faß.example.org": ["FAẞ.example.org", "xn--fa-hia.example.org"],
}
SPELLINGS = st.sampled_from([str, str.upper, str.lower, str.swapcase, " {} ".format])
FORMS = st.sampled_from(["NFC", "NFD"])
LOCAL = st.text(st.sampled_from("abXyz019İéЙёЖΣσςåŘ"), min_size=1, max_size=12)


@given(LOCAL, st.sampled_from(sorted(DOMAINS)), st.data())
def test_every_spelling_of_an_address_is_that_address(local: str, domain: str, data: st.DataObject) -> None:
    spelt = data.draw(SPELLINGS)(unicodedata.normalize(data.draw(FORMS), local)).strip()
    other = f" {spelt}@{data.draw(st.sampled_from(DOMAINS[domain]))} "
    assert key(other) == key(f"{local}@{domain}") is not None
    assert same(other, f"{local}@{domain}")


@given(LOCAL, st.sampled_from(sorted(DOMAINS)))
def test_the_common_form_is_a_spelling_too_and_so_is_what_is_shown(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    common = key(address)
    assert common is not None
    assert key(common) == common == key(normal(address))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("strasse@example.org", "straße@example.org"),
        ("a@fass.de", "a@faß.de"),
        ("sam@example.org", "ſam@example.org"),
        ("irina@example.org", "ırina@example.org"),
        ("irina@example.org", "İrina@example.org"),
        ("anna@example.org", "аnna@example.org"),
        ("a.nna@example.org", "anna@example.org"),
    ],
)
def test_letters_that_only_look_alike_are_two_addresses(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("nonsense", ["", "anna", "@example.org", "a@b", "a b@example.org", "Anna <a@example.org>"])
def test_what_is_no_address_is_nobodys(nonsense: str) -> None:
    assert key(nonsense) is None
    assert not same(nonsense, nonsense)
    with pytest.raises(ValueError, match="not an e-mail address"):
        normal(nonsense)


def test_an_address_is_shown_as_its_holder_writes_it() -> None:
    assert normal("  Anna.B@XN--E1AFMKFD.xn--p1ai ") == "Anna.B@пример.рф"
