"""Whether a selector can be read at all: by the libraries that spiders read pages with, before any page is there.

The operator asks it about what a ScrapeTarget declares; of all images only its and the spiders' have the libraries.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from parsel import Selector

Language = Literal["css", "xpath", "path"]
_PAGE = Selector(text='<html><body><div class="a" id="b"><a href="c">d</a></div></body></html>')
_SAID = 200


@lru_cache(maxsize=4096)
def fault(language: Language, expression: str) -> str:
    """Why an expression cannot be read, for people; empty when it can. What it finds is another question."""
    try:
        if language == "path":
            jmespath.compile(expression)
        elif language == "css":
            _PAGE.css(expression)
        else:
            _PAGE.xpath(expression)
    except (JMESPathError, SelectorError, ValueError, RecursionError) as error:
        name = {"css": "CSS selector", "xpath": "XPath", "path": "JMESPath"}[language]
        return f"it is no {name}: {' '.join(str(error).split())[:_SAID]}"
    return ""
