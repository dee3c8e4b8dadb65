"""Selectors of a tenant are compiled where everybody's resources are looked after, and never evaluated there."""

from __future__ import annotations

import time

import lxml.etree
import pytest
from mesto.operator.kinds.scrapetarget.selectors import Language, fault
from parsel import Selector

SLOW = "re:test('" + "a" * 60 + "b', '(a+)+$')"
"""What takes longer than anybody waits, evaluated on any page."""


@pytest.mark.parametrize(
    ("language", "expression"),
    [
        ("xpath", SLOW),
        ("xpath", "re:test('" + "a" * 60 + "b', concat('(a+)+', '$'))"),
        ("xpath", "//p[" * 60 + "1" + "]" * 60),
        ("css", ":not(" * 60 + "p" + ")" * 60),
        ("path", "[@,@]|" * 80 + "to_string(@)"),
        ("xpath", "re:test(., '(?i)" + "[\u0100-\uffff]" * 80 + "')"),
        ("xpath", "re:test(., '" + "(" * 200 + ")" * 200 + "')"),
    ],
)
def test_what_would_take_for_ever_is_only_compiled(language: Language, expression: str) -> None:
    began = time.process_time()
    fault.__wrapped__(language, expression)
    assert time.process_time() - began < 1


def test_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that an expression calls is not called."""
    called = []
    functions = lxml.etree.FunctionNamespace(None)
    before = functions["has-class"]
    functions["has-class"] = lambda *_: called.append("has-class")
    try:
        assert fault.__wrapped__("xpath", "has-class('nothing') or //a[has-class('b')]") == ""
    finally:
        functions["has-class"] = before
    assert called == []


@pytest.mark.parametrize(
    "expression",
    [
        ".//h2/text()",
        "//a/@href | //b[last()]",
        "//p[re:test(., '^\\d+ ')]",
        "re:match(//p, '([a-z]+)', 'gi')",
        "set:distinct(//a)",
        "//li[has-class('a', 'b')][not(contains(., '('))]",
        "ancestor-or-self::node()[@lang][1]/@lang",
        "//a[position() mod (2) = 1 and (@b or (@c))]/following-sibling::comment()",
        "//*[local-name() = 'x:y']",
        "count( //a ) div 2",
        "//@xml:lang",
        "self::re:*",
        "//text() [normalize-space()]",
        'concat("$", "\'", "re:test(., \'(\')")',
        "re:test(., concat('(', ')'))",
    ],
)
def test_an_expression_that_pages_can_be_read_by(expression: str) -> None:
    Selector(text="<p>1 a</p>").xpath(expression)
    assert fault("xpath", expression) == ""


@pytest.mark.parametrize(
    ("language", "expression", "said"),
    [
        ("xpath", "re:test(., '(')", "unterminated subpattern"),
        ("xpath", "//a[re:test(normalize-space(@b), '[', 'i')]", "unterminated character set"),
        ("xpath", "re:test(concat('a', ','), 'x{99999999999999}')", "too large"),
        ("xpath", "re:replace(., '*', 'g', '')", "nothing to repeat"),
        ("xpath", "//a[what(.)]", "no function what"),
        ("xpath", "document('x')", "no function document"),
        ("xpath", "what:test(.)", "prefix what is not known"),
        ("xpath", "//svg:g", "prefix svg is not known"),
        ("xpath", "$a", "no variables"),
        ("xpath", "count(", "brackets do not match"),
        ("xpath", "//p[", ""),
        ("xpath", "a\0b", ""),
        ("xpath", "(" * 500, ""),
        ("css", "p:has-no(", ""),
        ("css", "a:::b", ""),
        ("css", "svg|g", "prefix svg is not known"),
        ("path", "a[?", ""),
        ("path", "[" * 500, ""),
        ("path", "`" + "9" * 499, ""),
    ],
)
def test_what_cannot_be_read_is_told(language: Language, expression: str, said: str) -> None:
    told = fault(language, expression)
    assert told.startswith("it is no ")
    assert said in told


def test_no_error_of_a_library_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OverflowError

    monkeypatch.setattr("mesto.operator.kinds.scrapetarget.selectors.lxml.etree.XPath", fail)
    assert fault.__wrapped__("xpath", "//a") == "it is no XPath: OverflowError"
