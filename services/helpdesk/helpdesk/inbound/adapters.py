"""Libraries and servers that understanding needs: HTML as text, ClamAV."""

from __future__ import annotations

import re
from html import unescape

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

LAYOUT = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)
NOT_SHOWN = re.compile(
    r"(?is)<!--.*?-->|<(script|style|head|title|noscript)\b.*?</\1\s*>|<(?:script|style)\b[^>]*>"
)
TAG = re.compile(r"<[^<>]{0,5000}>")
# The library leaves out what is nested deeper than lxml follows.
MOST_OPEN_TAGS = 200


def text_of_html(html: str) -> str:
    """As a browser without pictures and scripts would lay it out."""
    if html.count("<") <= 20_000:
        try:
            text = str(get_text(html.replace("\x00", ""), LAYOUT))
        except (LxmlError, ValueError, TypeError, AttributeError, RecursionError):
            text = ""
        plain = _without_tags(html)
        if len(_letters(text)) * 2 >= len(_letters(plain)):
            return text
        return plain
    return _without_tags(html)


def _without_tags(html: str) -> str:
    """The words alone, where the layout cannot be made out."""
    return unescape(TAG.sub(" ", NOT_SHOWN.sub(" ", html)))


def _letters(text: str) -> str:
    return "".join(text.split())
