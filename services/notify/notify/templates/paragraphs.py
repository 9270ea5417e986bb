"""What an operator typed becomes paragraphs: everything is text, but for addresses that may be linked to."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from markupsafe import Markup, escape

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"'「」『』（）()，。；、！？]+", re.IGNORECASE)
# What ends a sentence rather than an address.
AT_THE_END = ".,;:!?"
EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*")


class LinkNotAllowed(Exception):
    """An address that is neither the portal's nor begins with https://, or that hides where it leads."""


def addresses_in(text: str) -> list[str]:
    return [match.group().rstrip(AT_THE_END) for match in ADDRESS.finditer(text)]


def check_links(text: str, portal_url: str) -> None:
    """Raises LinkNotAllowed."""
    for address in addresses_in(text):
        if not may_be_linked(address, portal_url):
            raise LinkNotAllowed(address)


def may_be_linked(address: str, portal_url: str) -> bool:
    """`https://name@host` is refused: it looks like a link to `name`."""
    try:
        parts, own = urlsplit(address), urlsplit(portal_url)
        if not parts.hostname or "@" in parts.netloc:
            return False
        return parts.scheme.lower() == "https" or (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    except ValueError:
        return False


def as_html(text: str, portal_url: str) -> Markup:
    """Paragraphs with line breaks. An address that may be linked to is a link that shows the whole of it."""
    return Markup("\n").join(
        Markup("<p>{}</p>").format(
            Markup("<br>").join(_line(line, portal_url) for line in paragraph.split("\n"))
        )
        for paragraph in paragraphs(text)
    )


def paragraphs(text: str) -> list[str]:
    return [found for part in EMPTY_LINES.split(text) if (found := part.strip())]


def _line(line: str, portal_url: str) -> Markup:
    return Markup("").join(_pieces(line, portal_url))


def _pieces(line: str, portal_url: str) -> Iterator[Markup]:
    end = 0
    for match in ADDRESS.finditer(line):
        address = match.group().rstrip(AT_THE_END)
        if may_be_linked(address, portal_url):
            yield escape(line[end : match.start()])
            yield Markup('<a href="{0}">{0}</a>').format(address)
            end = match.start() + len(address)
    yield escape(line[end:])
