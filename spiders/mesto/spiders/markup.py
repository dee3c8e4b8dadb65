"""What a reader of a page sees of an element: its text, raised digits as such, and nothing that is struck out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html

_STRUCK = lxml.etree.XPath(
    "descendant-or-self::*[self::s or self::del or self::strike or contains(translate(@style, 'LINETHROUG', "
    "'linethroug'), 'line-through')]"
)
_UNSEEN = frozenset({"script", "style", "template"})
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARKUP = re.compile(r"<[a-zA-Z/!]")
# No tree of lxml takes these.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def seen(root: Any) -> str:
    """Return the text of an element with all that is within, in one line.

    Digits of ``sup`` are raised ones: 450⁰⁰, м².
    """
    text = ""
    for raised, part in _parts(root):
        part = part.strip()
        if raised and part.isascii() and part.isdigit():
            text += part.translate(_RAISED)
        elif part:
            text += f" {part}" if text else part
    return text


def _parts(root: Any) -> Iterator[tuple[bool, str]]:
    """Yield the texts below an element in order, and whether each is a raised one."""
    hidden = 0
    for event, node in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            hidden += node.tag in _UNSEEN
            if node.text and not hidden:
                yield node.tag == "sup", node.text
            continue
        if event == "end":
            hidden -= node.tag in _UNSEEN
        if node.tail and node is not root and not hidden:
            yield False, node.tail


def unstrike(root: Any) -> None:
    """Empty what is struck out, below an element or a whole document; elements stay where they are."""
    if not lxml.etree.iselement(root):  # JSON
        return
    for struck in _STRUCK(root):
        for node in struck.iter():
            node.text = None
            if node is not struck:
                node.tail = None


def plain(text: str) -> str:
    """Return a text without the markup that some interfaces put into their values."""
    if not _MARKUP.search(text):
        return text
    try:
        # Not as a fragment: lxml copies its first text, and refuses characters that a reference may stand for.
        root = lxml.html.document_fromstring("<body>" + _UNWRITABLE.sub("", text))
    except lxml.etree.LxmlError:
        return text
    unstrike(root)
    return seen(root)
