"""An announced fault as a page: the desk's words, what can be done meanwhile, and where to look next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import NAMESPACE_URL, UUID, uuid5

from content.pages.rules import LOCALES, Page

KIND = "announcement"
# What stands around the desk's words.
WORKAROUND: Mapping[str, str] = MappingProxyType(
    {"zh-Hant": "## 暫時的處理方式", "en": "## What you can do meanwhile"}
)
LOOK: Mapping[str, str] = MappingProxyType(
    {
        "zh-Hant": "最新情形請看[服務狀態](/status)。",
        "en": "See the [service status](/status) for how it stands now.",
    }
)
# Markdown's own characters: the desk writes plain words.
MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|~!"})


@dataclass(frozen=True)
class Notice:
    """Texts by locale. `number` is the fault's: `F2026-000012`."""

    number: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    workaround: Mapping[str, str]
    announced_at: datetime


def slug_of(number: str) -> str:
    return f"fault-{number.lower()}"


def page_id_of(number: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://mtnet.example/{KIND}/{slug_of(number)}")


def page_of(notice: Notice) -> Page:
    """Pinned, since it concerns everybody now."""
    return Page(
        page_id=page_id_of(notice.number),
        kind=KIND,
        slug=slug_of(notice.number),
        category=None,
        title=dict(notice.title),
        body={locale: body_of(notice, locale) for locale in LOCALES},
        pinned=True,
        published_at=notice.announced_at,
    )


def body_of(notice: Notice, locale: str) -> str:
    """Markdown."""
    parts = [plain(notice.text[locale])]
    if notice.workaround[locale]:
        parts += [WORKAROUND[locale], plain(notice.workaround[locale])]
    return "\n\n".join([*parts, LOOK[locale]])


def plain(text: str) -> str:
    """Words that mean in Markdown what they say; each line is a paragraph."""
    lines = (line.strip() for line in text.splitlines())
    return "\n\n".join(_begun(line.translate(MARKUP)) for line in lines if line)


def _begun(line: str) -> str:
    """A line that begins like a list is none."""
    if line[0] in "+-=":
        return f"\\{line}"
    digits = len(line) - len(line.lstrip("0123456789"))
    return f"{line[:digits]}\\{line[digits:]}" if digits and line[digits : digits + 1] in (".", ")") else line
