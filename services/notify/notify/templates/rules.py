"""What a template is filled with and what comes of it: kinds, links, dates as people write them, plain text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

from mtnet_contracts.vocabulary.dates import clock_as_text, moment_as_text, year_as_text

LOCALES = ("zh-Hant", "en")
HOTLINE = "0800-022-120"
HELPDESK_MAIL = "service@mtnet.gov.tw"
# The HTML part of a mail shows the attached picture under this name.
EMBLEM_ID = "emblem@mtnet"
WEB_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S*", re.IGNORECASE)
LONGEST_NAME = 60


class Kind(StrEnum):
    """What a message is about; also the name of its template."""

    VERIFICATION_CODE = "verification_code"
    APPLICATION_RECEIVED = "application_received"
    APPLICATION_RESUBMITTED = "application_resubmitted"
    APPLICATION_RETURNED = "application_returned"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_WITHDRAWN = "application_withdrawn"
    ACTIVATION_LINK = "activation_link"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_REACTIVATED = "account_reactivated"
    REMINDER_DUE = "reminder_due"


class NoSuchTemplate(Exception):
    """There is no template of that kind, version, language or channel."""


@dataclass(frozen=True)
class Mail:
    """The three texts of one e-mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Links:
    """Addresses that messages link to, below the portal's public address."""

    portal_url: str

    def placeholders(self, case_number: str | None = None) -> dict[str, str]:
        """What templates may name. `case_url` leads to the case of that number, where there is one."""
        portal_url = self.portal_url.rstrip("/")
        return {
            "portal_url": portal_url,
            "portal_host": urlsplit(portal_url).hostname or "",
            "case_url": f"{portal_url}/case"
            + (f"?number={quote(case_number, safe='')}" if case_number else ""),
            "apply_url": f"{portal_url}/apply",
            "login_url": f"{portal_url}/login",
            "hotline": HOTLINE,
            "helpdesk_mail": HELPDESK_MAIL,
        }

    def details_with_secret(self, kind: Kind, details: Mapping[str, Any], secret: str) -> dict[str, Any]:
        """The details with the opened secret: a link for an activation token, else a code."""
        if kind is Kind.ACTIVATION_LINK:
            return {**details, "activation_url": f"{self.portal_url}/activate/{secret}"}
        return {**details, "code": secret}


def format_day(day: date, locale: str) -> str:
    """`115年12月23日`, `2026-12-23`."""
    if locale == "en":
        return day.isoformat()
    return f"{year_as_text(day, locale)}年{day.month}月{day.day}日"


def format_moment(instant: datetime, locale: str) -> str:
    """`114-02-19 17:25:24`, `2025-02-19 17:25:24 (Taipei)`."""
    text = moment_as_text(instant, locale)
    return f"{text} (Taipei)" if locale == "en" else text


def format_hour(instant: datetime) -> str:
    """`17:35` in Taipei."""
    return clock_as_text(instant, seconds=False)


def name_without_links(name: str) -> str:
    """A name that somebody typed, as one line in which no mail program finds a link."""
    return " ".join(WEB_ADDRESS.sub("", name).split())[:LONGEST_NAME]


def text_of_html(body: str, locale: str) -> str:
    """The text part of a mail, made of its HTML body."""
    reader = _TextOfHtml(":" if locale == "en" else "：")
    reader.feed(body)
    return reader.text()


class _TextOfHtml(HTMLParser):
    """Paragraphs and buttons apart, list items with a dash, a link as its label, a colon and its address."""

    def __init__(self, colon: str) -> None:
        super().__init__(convert_charrefs=True)
        self.colon = colon
        self.blocks: list[str] = []
        self.current = ""
        self.address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.current += "\n"
        elif tag == "li":
            self.current = "- "
        elif tag == "a":
            self.address = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.address:
            self.current += f"{self.colon}\n{self.address}"
            self.address = None
        elif tag in ("p", "li", "table"):
            self.blocks.append(self.current.strip())
            self.current = ""

    def handle_data(self, data: str) -> None:
        self.current += data.replace("\n", "")

    def text(self) -> str:
        text = ""
        for before, block in zip(["", *self.blocks], self.blocks, strict=False):
            together = before.startswith("- ") and block.startswith("- ")
            text += ("" if not text else "\n" if together else "\n\n") + block
        return text
