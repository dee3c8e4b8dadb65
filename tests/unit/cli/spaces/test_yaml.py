"""Any text comes back from our YAML as that text, whichever reader reads it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mesto.cli import manifests
from ruamel.yaml import YAML

WORDS = [
    *("y", "Y", "n", "N", "yes", "No", "on", "OFF", "true", "False", "null", "~", "", "NaN", "None"),
    *("1", "1e3", "1E+3", "0o17", "017", "0x1F", "0b1", "1_000", "+12", "-.5", ".inf", "-.INF", ".nan", "1:30"),
    *("2026-11-29", "2026-11-29T10:00:00Z", "<<", "=", "-", "- a", "? a", "a: b", "a #b", "#a", "&a", "*a", "!a"),
    *("%a", "@a", "`a", "|", ">", "'", '"', "{}", "[]", ",", " a", "a ", "a\nb", "a\r\nb", "\ta", "\x85", "\u2028"),
    *("\ufeff", "\x00", "---", "...", "٣", "²", "e3", "Infinity", "Место: 1", "🪴", "12:30:45"),
]


def _old(text: str) -> Any:
    return yaml.safe_load(text)


def _new(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.version = "1.2"
    return reader.load(text)


def _kubectl(text: str) -> Any:
    """The words that kubectl's reader takes for booleans and PyYAML does not, and what else YAML 1.1 has as numbers."""
    reader = YAML(typ="safe", pure=True)
    reader.version = "1.1"
    return reader.load(text)


def check(text: str) -> None:
    document = {"spec": {text: [text, {"title": text}]}}
    written = manifests.dump([document])
    for read in (_old, _new, _kubectl):
        assert read(written) == document, (read, written)


@pytest.mark.parametrize("text", WORDS)
def test_a_text_that_looks_like_something_else_stays_a_text(text: str) -> None:
    check(text)


@pytest.mark.parametrize("word", ["y", "n", "Y", "N"])
def test_words_that_kubectl_takes_for_booleans_are_quoted(word: str) -> None:
    assert manifests.dump([{"title": word}]) == f'---\ntitle: "{word}"\n'


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("yYnNoOeE01234567890.,:_+-x ", max_size=8))
def test_any_text_comes_back(text: str) -> None:
    check(text)
