"""Markdown into HTML that is safe to show: written by the platform's team, and trusted no more than anybody's."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.anchors import anchors_plugin
from mesto.auth.texts.rules import leads_away
from slugify import slugify

KEPT = 64
"""Texts that are kept as HTML: all there are, in both languages, and some older versions."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = {
    *_HEADINGS,
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    **{heading: {"id"} for heading in _HEADINGS},
    "a": {"href", "title", "class"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True)
class Page:
    """A text as HTML; ``title`` is its first heading, empty without one."""

    title: str
    html: str


def _slug(title: str) -> str:
    return slugify(title, allow_unicode=True) or "section"


def _render_link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, object]
) -> str:
    """Mark links that lead away, so that the page can show it."""
    if leads_away(str(tokens[at].attrGet("href") or "")):
        tokens[at].attrSet("class", "external")
    return renderer.renderToken(tokens, at, options, env)


def _render_image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, object]
) -> str:
    """Show what a picture would say: the picture itself would tell whoever keeps it who reads the text."""
    return escapeHtml(renderer.renderInlineAsText(tokens[at].children, options, env))


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(anchors_plugin, max_level=4, slug_func=_slug)
    markdown.add_render_rule("link_open", _render_link)
    markdown.add_render_rule("image", _render_image)
    return markdown


_MARKDOWN = _markdown()


def _title(tokens: Sequence[Token]) -> str:
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            return "".join(part.content for part in inline.children or () if part.type in ("text", "code_inline"))
    return ""


@lru_cache(maxsize=KEPT)
def render(text: str) -> Page:
    """Return a text as HTML: nothing of it runs, headings can be linked to, links away are marked."""
    env: dict[str, object] = {}
    tokens = _MARKDOWN.parse(text, env)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)
    rel = "noopener noreferrer"
    safe = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=rel)
    return Page(_title(tokens), safe)
