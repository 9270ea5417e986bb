"""What a template is filled with and what comes of it: kinds, links, dates as people write them, plain text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

from mtnet_contracts.vocabulary.dates import clock_as_text, moment_as_text, year_as_text

LOCALES = ("zh-Hant", "en")
HOTLINE = "0800-022-120"
HELPDESK_MAIL = "service@mtnet.gov.tw"
# The HTML part of a mail shows the attached picture under this name.
EMBLEM_ID = "emblem@mtnet"
WEB_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S*", re.IGNORECASE)
# What mail programs and telephones take for an address although no scheme stands before it: evil.example, a@b.example.
BARE_ADDRESS = re.compile(r"(?<=[0-9A-Za-z-])([.．。｡])(?=[A-Za-z]{2})")
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|mailto:|tel:", re.IGNORECASE)
LONGEST_NAME = 60
# Versions of templates that the release brings are below; an operator's have a number from here on.
FIRST_OF_OPERATORS = 1_000
TEXT_OR_TAG = re.compile(r"([^<]+)|<(/?)([a-z0-9]+)([^>]*)>")
HREF = re.compile(r'href="([^"]*)"')


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
    REACTIVATION_REFUSED = "reactivation_refused"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_CLOSED = "account_closed"
    REMINDER_DUE = "reminder_due"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    NEW_DEVICE_LOGIN = "new_device_login"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    CONTACT_CHANGED = "contact_changed"
    CONTACT_CONFIRMED = "contact_confirmed"
    CONTACT_CHANGE_UNDONE = "contact_change_undone"
    PRIVACY_REQUEST_RECEIVED = "privacy_request_received"
    PRIVACY_REQUEST_ANSWERED = "privacy_request_answered"
    PRIVACY_REQUEST_DUE = "privacy_request_due"
    SUBSCRIBER_REMINDER = "subscriber_reminder"
    SUBSCRIBER_QUEUE = "subscriber_queue"
    BROADCAST = "broadcast"
    LINE_LINK_CHANGED = "line_link_changed"
    DESK_ACKNOWLEDGEMENT = "desk_acknowledgement"
    DESK_ANSWER = "desk_answer"
    WEBHOOK_TROUBLE = "webhook_trouble"


# What a one-time token becomes in a mail: the name that its template uses, and the page that takes it.
PAGES_OF_TOKENS = {
    Kind.ACTIVATION_LINK: ("activation_url", "/activate/"),
    Kind.PASSWORD_RESET: ("reset_url", "/reset-password/"),
    Kind.NEW_DEVICE_LOGIN: ("not_me_url", "/not-me/"),
    Kind.CONTACT_CHANGED: ("undo_url", "/contacts/undo/"),
}


# GSM 03.38: what a text message holds in seven bits; anything else takes sixteen for every character of it.
GSM_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[~]|€")
ONE_SEVEN_BIT, EACH_SEVEN_BIT = 160, 153
ONE_WIDE, EACH_WIDE = 70, 67


@dataclass(frozen=True)
class SmsLength:
    """How long a text message is: its characters as they are counted, and in how many parts it is sent."""

    characters: int
    parts: int
    wide: bool


def sms_parts(text: str) -> SmsLength:
    """In how many parts a text message goes out: 160 characters, or 70 where one of them is not of GSM's alphabet."""
    wide = any(each not in GSM_ALPHABET and each not in GSM_EXTENSION for each in text)
    if wide:
        count = len(text.encode("utf-16-le")) // 2
        one, each = ONE_WIDE, EACH_WIDE
    else:
        count = len(text) + sum(1 for each in text if each in GSM_EXTENSION)
        one, each = ONE_SEVEN_BIT, EACH_SEVEN_BIT
    return SmsLength(count, 1 if count <= one else -(-count // each), wide)


class NoSuchTemplate(Exception):
    """There is no template of that kind, version, language or channel."""


@dataclass(frozen=True)
class OperatorsText:
    """A version of a kind's texts in one language that an operator wrote above the release's. It never changes.

    `parts` are those that the operator wrote; the others are those of `release_version`. `is_test`: sent to its author
    only, to be looked at.
    """

    version: int
    kind: Kind
    locale: str
    release_version: int
    parts: Mapping[str, str]
    is_test: bool = False


@dataclass(frozen=True)
class Version:
    """A published version, and who published it why. `parts` without any: back to the release's text."""

    version: int
    kind: str
    locale: str
    release_version: int
    parts: dict[str, str]
    restored_from: int | None
    reason: str
    author: str
    published_at: datetime


@dataclass(frozen=True)
class Draft:
    """What is being written; without parts nothing is, and `revision` only counts."""

    kind: str
    locale: str
    revision: int
    parts: dict[str, str] | None
    author: str | None
    saved_at: datetime | None


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
            "forgot_url": f"{portal_url}/forgot-password",
            "reactivate_url": f"{portal_url}/reactivate",
            "security_url": f"{portal_url}/account/security",
            "contacts_url": f"{portal_url}/account/contacts",
            "privacy_url": f"{portal_url}/account/privacy",
            "privacy_desk_url": f"{portal_url}/operations/privacy-requests",
            "hotline": HOTLINE,
            "helpdesk_mail": HELPDESK_MAIL,
        }

    def details_with_secret(self, kind: Kind, details: Mapping[str, Any], secret: str) -> dict[str, Any]:
        """The details with the opened secret: a link where it is a token, else a code."""
        if kind in PAGES_OF_TOKENS:
            name, page = PAGES_OF_TOKENS[kind]
            return {**details, name: f"{self.portal_url}{page}{quote(secret, safe='')}"}
        return {**details, "code": secret}


def format_day(day: date, locale: str) -> str:
    """`115年12月23日`, `2026-12-23`."""
    if locale == "en":
        return day.isoformat()
    return f"{year_as_text(day, locale)}年{day.month}月{day.day}日"


def format_moment(instant: datetime, locale: str, *, seconds: bool = True) -> str:
    """`114-02-19 17:25:24`, `2025-02-19 17:25:24 (Taipei)`; without seconds what lies ahead: they promise too much."""
    text = moment_as_text(instant, locale, seconds=seconds)
    return f"{text} (Taipei)" if locale == "en" else text


def format_hour(instant: datetime) -> str:
    """`17:35` in Taipei."""
    return clock_as_text(instant, seconds=False)


def name_without_links(name: str) -> str:
    """A name that somebody typed, as one line in which no mail program finds a link."""
    without = " ".join(WEB_ADDRESS.sub("", name).split())[:LONGEST_NAME]
    return BARE_ADDRESS.sub(r"\1 ", without)


def note_without_links(note: str) -> str:
    """Lines that somebody typed, in which no program finds a link: an address can be read, and typed by whoever wants.

    `see https://evil.example/x` becomes `see evil. example/x`.
    """
    return BARE_ADDRESS.sub(r"\1 ", SCHEME.sub("", note))


def text_of_html(body: str, locale: str) -> str:
    """The text part of a mail, made of its HTML body: paragraphs and buttons apart, list items with a dash, a link as
    its label, a colon and its address; an address that is its own label once.

    The body is rendered from our templates, escaped, so that `<` begins an element and nothing else. The library's
    parser, which takes any HTML, would be a third of a mail's rendering.
    """
    colon = ":" if locale == "en" else "："
    blocks: list[str] = []
    current, address = "", ""
    for text, end, tag, attributes in TEXT_OR_TAG.findall(body):
        current += unescape(text.replace("\n", ""))
        if tag == "br":
            current += "\n"
        elif tag == "li" and not end:
            current = "- "
        elif tag == "a" and not end:
            address = unescape(found[1]) if (found := HREF.search(attributes)) else ""
        elif tag == "a" and address and not current.endswith(address):
            current += f"{colon}\n{address}"
        elif end and tag in ("p", "li", "table"):
            blocks.append(current.strip())
            current = ""
    return "".join(_apart(*pair) + pair[1] for pair in zip(["", *blocks], blocks, strict=False))


def _apart(before: str, block: str) -> str:
    if not before:
        return ""
    return "\n" if before.startswith("- ") and block.startswith("- ") else "\n\n"
