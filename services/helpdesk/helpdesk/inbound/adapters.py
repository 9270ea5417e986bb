"""What understanding needs of others: HTML as text, child processes."""

from __future__ import annotations

import re
from html import unescape

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError
from mtnet_chassis.runtime.child import WorkerFailed, work
from mtnet_chassis.telemetry import logger

from helpdesk.inbound.rules import Mail, Part

TASKS = "helpdesk.inbound.tasks"

LAYOUT = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)
NOT_SHOWN = re.compile(
    r"(?is)<!--.*?-->|<(script|style|head|title|noscript)\b.*?</\1\s*>|<(?:script|style)\b[^>]*>"
)
TAG = re.compile(r"<[^<>]{0,5000}>")

log = logger()


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


# Child processes (tasks.py)

PATIENCE_SECONDS = 60.0


def read_apart(raw: bytes, envelope: tuple[str, ...]) -> Mail:
    """A mail that may take long or be made to do harm, read in a child process. Raises WorkerFailed."""
    result, output = work(TASKS, "mail", {"envelope": list(envelope)}, raw, patience_seconds=PATIENCE_SECONDS)
    contents = _pieces(output, result.pop("lengths"))
    files = tuple(
        Part(content=content, **told) for told, content in zip(result.pop("files"), contents, strict=True)
    )
    for name in ("references", "recipients", "problems"):
        result[name] = tuple(result[name])
    return Mail(files=files, **result)


# What faxes come as.
PAGED = ("image/tiff", "application/pdf")


def drawn_pages(kind: str, content: bytes) -> list[bytes]:
    """The pages of a fax as PNG; none where they cannot be drawn."""
    try:
        result, output = work(TASKS, "pages", {"kind": kind}, content, patience_seconds=PATIENCE_SECONDS)
    except WorkerFailed as problem:
        log.warning("pages of a fax not drawn", problem=str(problem)[:100])
        return []
    return _pieces(output, result["lengths"])


def _pieces(output: bytes, lengths: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(output[at : at + length])
        at += length
    return pieces
