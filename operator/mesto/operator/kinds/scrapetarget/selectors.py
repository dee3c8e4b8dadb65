"""Whether a selector can be read at all: by the libraries that spiders read pages with, before any page is there.

The operator asks it about what a ScrapeTarget declares; of all images only its and the spiders' have the libraries.
An expression is somebody's program: nothing of it is evaluated here, however small the page, for it may take minutes
(a regular expression), or all memory. It is translated and compiled, which takes as long as it is long. What compiling
does not see, an unknown function for one, is looked for among the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import jmespath
import lxml.etree
from parsel import css2xpath

Language = Literal["css", "xpath", "path"]
_NAMES = {"css": "CSS selector", "xpath": "XPath", "path": "JMESPath"}
_NAMESPACES = {"re": "http://exslt.org/regular-expressions", "set": "http://exslt.org/sets"}
"""Those that parsel, which spiders read pages with, gives every expression."""
_OF_XPATH = """last position count id local-name namespace-uri name string concat starts-with contains substring-before
    substring-after substring string-length normalize-space translate boolean not true false lang number sum floor
    ceiling round"""
_OF_EXSLT = """re:test re:match re:replace set:difference set:distinct set:has-same-node set:intersection set:leading
    set:trailing"""
_FUNCTIONS = frozenset([*_OF_XPATH.split(), *_OF_EXSLT.split(), "has-class"])
_NO_FUNCTIONS = frozenset(["comment", "text", "processing-instruction", "node", "and", "or", "div", "mod"])
"""Words that a bracket may follow, too: kinds of nodes and operators."""
_WORD = re.compile(
    r"""
    "[^"]*" | '[^']*' | (?P<name> (?:[^\W\d][\w.-]*:(?!:))? [^\W\d][\w.-]* | [^\W\d][\w.-]*:\* ) | \S
    """,
    re.VERBOSE,
)
_CLOSES = {")": "(", "]": "["}
_FOLDS = re.compile(r"\(\?[a-zA-Z-]*i")
"""A pattern that is to ignore case: for each class of characters, compiling it goes through the whole alphabet."""
_SAID = 200


@lru_cache(maxsize=4096)
def fault(language: Language, expression: str) -> str:
    """Return why an expression cannot be read, for people; empty when it can. What it finds is another question."""
    try:
        if language == "path":
            jmespath.compile(expression)
        else:
            _compile(css2xpath(expression) if language == "css" else expression)
    except Exception as error:  # whatever the libraries make of it: it is a fault of this expression alone
        said = " ".join(str(error).split())[:_SAID] or type(error).__name__
        return f"it is no {_NAMES[language]}: {said}"
    return ""


def _compile(xpath: str) -> None:
    """Raises whatever says why it cannot be read."""
    lxml.etree.XPath(xpath, namespaces=_NAMESPACES)
    words = [(found[0], found["name"] is not None) for found in _WORD.finditer(xpath)]
    for (word, named), (after, _) in zip(words, [*words[1:], ("", False)], strict=True):
        if word == "$":
            raise ValueError("there are no variables")
        if not named:
            continue
        prefix, colon, _ = word.partition(":")
        if colon and prefix not in _NAMESPACES and prefix != "xml":
            raise ValueError(f"the prefix {prefix} is not known")
        if after == "(" and word not in _FUNCTIONS | _NO_FUNCTIONS:
            raise ValueError(f"there is no function {word}")
    for pattern in _patterns([word for word, _ in words]):
        if not _FOLDS.search(pattern):
            re.compile(pattern)


def _patterns(words: list[str]) -> Iterator[str]:
    """Yield the regular expressions that are written out.

    A second argument of a function of ``re:``, no more than a text.

    Raises ValueError for brackets that do not match.
    """
    open_: list[str] = []
    of: list[tuple[str, list[list[str]]]] = []
    for before, word in zip(["", *words], words, strict=False):
        if word in ("(", "["):
            open_.append(word)
            of.append((before, [[]]))
        elif word in _CLOSES:
            if not open_ or open_.pop() != _CLOSES[word]:
                raise ValueError("its brackets do not match")
            name, arguments = of.pop()
            if name.startswith("re:") and len(arguments) > 1 and len(arguments[1]) == 1:
                (text,) = arguments[1]
                if text[0] in "\"'":
                    yield text[1:-1]
            if of:
                of[-1][1][-1].append(word)
        elif of and word == ",":
            of[-1][1].append([])
        elif of:
            of[-1][1][-1].append(word)
    if open_:
        raise ValueError("its brackets do not match")
