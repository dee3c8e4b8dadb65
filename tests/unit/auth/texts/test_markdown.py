"""Markdown into HTML: what people write is kept, nothing of it runs, and links say where they lead."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesto.auth.texts.parsing import render

TAGS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote"}
TAGS |= {"ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"id", "href", "title", "class", "start", "rel"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Words **of** *weight*", "<p>Words <strong>of</strong> <em>weight</em></p>"),
        ("## Money back\n", '<h2 id="money-back">Money back</h2>'),
        ("## Возврат денег\n", '<h2 id="возврат-денег">Возврат денег</h2>'),
        ("## A\n\n## A\n", '<h2 id="a">A</h2>\n<h2 id="a-1">A</h2>'),
        ("[privacy](/privacy)", '<p><a href="/privacy" rel="noopener noreferrer">privacy</a></p>'),
        ("[there](#a)", '<p><a href="#a" rel="noopener noreferrer">there</a></p>'),
        (
            "[them](https://example.org)",
            '<p><a href="https://example.org" class="external" rel="noopener noreferrer">them</a></p>',
        ),
        (
            "[them](//example.org)",
            '<p><a href="//example.org" class="external" rel="noopener noreferrer">them</a></p>',
        ),
        ("<a@example.org>", '<p><a href="mailto:a@example.org" rel="noopener noreferrer">a@example.org</a></p>'),
        ("<b onclick='x()'>", "<p>&lt;b onclick='x()'&gt;</p>"),
        ("[run](javascript:x())", "<p>[run](javascript:x())</p>"),
        ("[run](JaVaScRiPt&colon;x())", "<p>[run](JaVaScRiPt:x())</p>"),
        ("![the <map>](https://example.org/x.png)", "<p>the &lt;map&gt;</p>"),
        ("|a|\n|-|\n|1|\n", "<td>1</td>"),
    ],
)
def test_what_is_written_becomes(text: str, html: str) -> None:
    assert html in render(text).html


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Before.\n\n# Terms *of* `use`\n\n## More", "Terms of use"),
        ("## [Help](/help) & more", "Help & more"),
        ("No heading", ""),
    ],
)
def test_the_title_is_the_first_heading_without_its_marks(text: str, title: str) -> None:
    assert render(text).title == title


WORDS = "<script>|</p>|<img src=x onerror=y>|](|[|javascript:|&#106;|data:text/html,|`|# |<svg/onload=z>|vbscript:"
MARKS = "\"|'| onload=|<!--|-->|<style>|<a href=|> |![|)"
HOSTILE = st.sampled_from([*WORDS.split("|"), *MARKS.split("|"), "|", "\n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE | st.text(max_size=3), max_size=20).map("".join))
def test_nothing_but_what_texts_are_made_of_is_ever_there(text: str) -> None:
    html = render(text).html
    for tag, attributes in re.findall(r"<(/?[^\s>]+)([^>]*)>", html):
        assert tag.strip("/") in TAGS, html
        for name, value in re.findall(r'([^\s=]+)="([^"]*)"', attributes):
            assert name in ATTRIBUTES, html
            if name == "href":
                assert ":" not in re.sub(r"^(https?|mailto|tel):", "", value.split("/")[0].split("#")[0]), html
