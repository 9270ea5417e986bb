"""The privacy notice (個資告知書, PDPA Art. 8): what a version must be, and how it may be agreed to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

LONGEST_TITLE = 200
LONGEST_BODY = 20_000
MOST_SHOWN = 50
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
# How somebody agreed: in the application, at a login after a new version, or as one of the demo people.
How = Literal["application", "login", "demonstration"]
LOCALES = ("zh-Hant", "en")


@dataclass(frozen=True)
class Notice:
    """A version of the privacy notice; title and body by locale. In force from `effective_on`, a day of Taipei."""

    version: str
    effective_on: date
    title: dict[str, str]
    body: dict[str, str]


@dataclass(frozen=True)
class Consent:
    """That an account's owner agreed to a version."""

    notice_version: str
    agreed_at: datetime
    how: str


@dataclass(frozen=True)
class PublishedNotice:
    """A version as operators see it: how many open accounts have agreed to it."""

    version: str
    effective_on: date
    agreed: int


class NoticeOutdated(Exception):
    """What was agreed to is not the version in force."""


class NoticeNotValid(Exception):
    """A version that cannot be published, or not be taken back; the message says why."""


def checked_notice(notice: Notice, *, today: date, others: tuple[PublishedNotice, ...]) -> Notice:
    """The version, if it may be published. Raises NoticeNotValid.

    It comes into force tomorrow at the earliest, so that it can be taken back, and after every other version.
    """
    if not VERSION.fullmatch(notice.version):
        raise NoticeNotValid("a version has up to 20 letters, digits, dots and hyphens, such as 2026-12")
    if any(other.version == notice.version for other in others):
        raise NoticeNotValid(
            f"version {notice.version} is there already; take it back first, or choose another name"
        )
    if notice.effective_on <= today:
        raise NoticeNotValid(
            f"a version comes into force tomorrow at the earliest, not on {notice.effective_on}"
        )
    latest = max((other.effective_on for other in others), default=None)
    if latest is not None and notice.effective_on <= latest:
        raise NoticeNotValid(f"the version before comes into force on {latest}; this one has to be later")
    for locale in LOCALES:
        title, body = notice.title.get(locale, ""), notice.body.get(locale, "")
        if not 0 < len(title) <= LONGEST_TITLE:
            raise NoticeNotValid(
                f"{locale}: the first line is the title, with 1 to {LONGEST_TITLE} characters"
            )
        if not 0 < len(body) <= LONGEST_BODY:
            raise NoticeNotValid(
                f"{locale}: below the title stands the notice, with 1 to {LONGEST_BODY} characters"
            )
    return notice


def notice_text(text: str) -> tuple[str, str]:
    """Title and body of a file: the first line, and all below it."""
    title, _, body = text.replace("\r\n", "\n").strip().partition("\n")
    return title.strip(), body.strip()
