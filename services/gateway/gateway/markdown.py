"""Published texts as HTML: the Markdown that editors write, and nothing that a browser would run."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType
from markupsafe import Markup

KEPT_TEXTS = 256
# A row with fewer cells than its table gets empty ones. A text of 8,000 characters could become 65,536 cells, a second
# of work and a page of 2.4 MB; after so many the table ends, and the rest is text.
MOST_CELLS_ADDED = 1_000
# A page's own heading is h1. An editor's first level becomes h2, each deeper one the next: none is skipped.
FIRST_HEADING, LAST_HEADING = 2, 6
SCHEMES = {"http", "https", "mailto", "tel"}
CLASSES = {
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "a": "govuk-link",
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "h4": "govuk-heading-s",
    "h5": "govuk-heading-s",
    "h6": "govuk-heading-s",
    "blockquote": "govuk-inset-text",
    "hr": "govuk-section-break govuk-section-break--m govuk-section-break--visible",
    "table": "govuk-table",
    "thead": "govuk-table__head",
    "tbody": "govuk-table__body",
    "tr": "govuk-table__row",
    "th": "govuk-table__header",
    "td": "govuk-table__cell",
}
# What may stand in a page, whatever the parser made of a text.
ALLOWED = {
    **{tag: {"class"} for tag in CLASSES},
    "th": {"class", "scope"},
    "ol": {"class", "start"},
    "a": {"class", "href", "title"},
    "div": {"class", "tabindex", "role", "aria-label"},
    **{tag: set() for tag in ("li", "strong", "em", "s", "code", "pre", "br")},
}


def html_of(text: str, *, table_label: str = "") -> Markup:
    """A published text as HTML for inside an article.

    HTML in the text is shown as it is written. Links lead to http, https, mailto, tel or a path of this portal; others
    stay text. A picture is its description. `table_label` names the frame in which a wide table scrolls.
    """
    return Markup(_html(text, table_label))  # noqa: S704 - cleaned by nh3


@lru_cache(maxsize=KEPT_TEXTS)
def _html(text: str, table_label: str) -> str:
    # NUL is no character of a page; the parser would show a question mark for it.
    tokens = _parser.parse(text.replace("\0", ""))
    _close_gaps_of_headings(tokens)
    _add_classes(tokens)
    return nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {"table_label": table_label}),
        tags=set(ALLOWED),
        attributes={tag: names for tag, names in ALLOWED.items() if names},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )


def _may_lead_to(url: str) -> bool:
    """Whether a link may lead there: a known scheme with a place behind it, or a path or place of this portal."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme.lower() in SCHEMES and bool(parts.netloc or parts.path)
    return url.startswith(("/", "#")) and not url.startswith(("//", "/\\"))


def _close_gaps_of_headings(tokens: Sequence[Token]) -> None:
    above: list[int] = []  # the editor's levels of the headings that the present one stands under
    for token in tokens:
        if token.type == "heading_open":
            written = int(token.tag[1:])
            while above and above[-1] >= written:
                above.pop()
            above.append(written)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(FIRST_HEADING + len(above) - 1, LAST_HEADING)}"


def _add_classes(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.tag in CLASSES and token.nesting >= 0:
            token.attrSet("class", CLASSES[token.tag])
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in ("th_open", "td_open"):
            token.attrs.pop("style", None)  # its alignment; the policy on styles forbids it
        _add_classes(token.children or ())


class _Renderer(RendererHTML):
    """The library's own, but for tables, pictures and lines of Chinese."""

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        # A frame that scrolls sideways must be reached by keyboard (WCAG 2.1.1) and so needs a name.
        label = Markup.escape(env["table_label"])
        frame = f'<div class="portal-scroll" tabindex="0" role="region" aria-label="{label}">'
        return frame + self.renderToken(tokens, index, options, env)

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return self.renderToken(tokens, index, options, env) + "</div>\n"

    def image(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return str(Markup.escape(self.renderInlineAsText(tokens[index].children, options, env)))

    def softbreak(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """A line's end between two Chinese characters is no space."""
        before = tokens[index - 1].content[-1:] if index else ""
        after = tokens[index + 1].content[:1] if index + 1 < len(tokens) else ""
        return "" if _is_wide(before) and _is_wide(after) else "\n"


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"


class _Inline(StateInline):
    """Where stars begin and end something bold, also beside Chinese.

    CommonMark goes by the blanks around punctuation, and Chinese has none: `**注意：**請…` stayed as it was typed.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - the library's names
        found = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1 : start] or " "
        after = self.src[start + found.length : start + found.length + 1] or " "
        if not canSplitWord or not (_is_wide(before) or _is_wide(after)):
            return found
        return Scanned(not isWhiteSpace(ord(after)), not isWhiteSpace(ord(before)), found.length)


class _InlineParser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _Inline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _make_parser() -> MarkdownIt:
    # By its name: the package has a function that is called as its module is.
    rules_of_tables: Any = import_module("markdown_it.rules_block.table")
    rules_of_tables.MAX_AUTOCOMPLETED_CELLS = MOST_CELLS_ADDED
    parser = MarkdownIt(renderer_cls=_Renderer)
    parser.inline = _InlineParser()
    parser.configure("commonmark", {"html": False})
    parser.enable(["table", "strikethrough"])
    parser.validateLink = _may_lead_to  # type: ignore[method-assign]
    return parser


_parser = _make_parser()
