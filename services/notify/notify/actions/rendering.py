"""Templates into words: one sandboxed source per language gives the HTML part and the text part alike."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from notify.domain.dates import day_in_words, hour_in_words, moment_in_words
from notify.domain.messages import EMBLEM_ID, Kind, Mail

LOCALES = ("zh-Hant", "en")
HOTLINE = "0800-022-120"
HELPDESK_MAIL = "service@mtnet.gov.tw"
FOLDER = files("notify") / "templates"
PORTAL = {"zh-Hant": "MTNet 航港單一窗口服務平臺", "en": "MTNet Maritime Single Window"}
FOOT = {
    "zh-Hant": f"24 小時客服專線：{HOTLINE}\n本信由系統自動寄發，請勿直接回覆。",
    "en": f"Hotline, day and night: {HOTLINE}\nThis message was sent automatically; please do not reply.",
}
# Many mail programs read styles only where they stand at the element.
STYLES = {
    "<p>": '<p style="margin:0 0 16px">',
    "<ul>": '<ul style="margin:0 0 16px;padding:0 0 0 24px">',
    "<li>": '<li style="margin:0 0 6px">',
    '<p class="code">': '<p class="code" style="margin:0 0 16px;padding:12px 16px;background:#eef3f6;'
    'border-radius:6px;font-size:30px;line-height:1.3;letter-spacing:6px;text-align:center">',
    '<p class="fact">': '<p class="fact" style="margin:0 0 16px;padding:12px 16px;background:#eef3f6;'
    'border-left:4px solid #0b4f6c;border-radius:4px;overflow-wrap:anywhere">',
}
# A table cell with a background is a button in every mail program, Outlook's too, which ignores padding of links.
BUTTON = Markup(
    '<table role="presentation" class="button" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px">'
    '<tr><td bgcolor="#0b4f6c" align="center" style="background:#0b4f6c;border-radius:6px;mso-padding-alt:14px 28px">'
    '<a href="{address}" style="display:inline-block;padding:14px 28px;background:#0b4f6c;border-radius:6px;'
    'color:#ffffff;font-size:17px;font-weight:bold;line-height:1.3;text-decoration:none">{label}</a>'
    "</td></tr></table>"
)
LINKS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S*", re.IGNORECASE)
LONGEST_NAME = 60


class NoSuchTemplate(Exception):
    """No template of that kind, version, language or channel."""


@dataclass(frozen=True)
class Places:
    """Where links lead: the portal's public address."""

    portal_url: str

    def placeholders(self) -> dict[str, str]:
        portal_url = self.portal_url.rstrip("/")
        return {
            "portal_url": portal_url,
            "portal_host": urlsplit(portal_url).hostname or "",
            # With the number of the case where there is one: see `_values`.
            "case_url": f"{portal_url}/case",
            "apply_url": f"{portal_url}/apply",
            "login_url": f"{portal_url}/login",
            "hotline": HOTLINE,
            "helpdesk_mail": HELPDESK_MAIL,
        }


def current_version(kind: Kind) -> int:
    """The newest version of a template; a message keeps the version it was written with."""
    versions = [
        int(entry.name.split(".")[1]) for entry in FOLDER.iterdir() if entry.name.startswith(f"{kind}.")
    ]
    if not versions:
        raise NoSuchTemplate(str(kind))
    return max(versions)


def render_mail(places: Places, kind: Kind, version: int, locale: str, details: Mapping[str, Any]) -> Mail:
    """Raises NoSuchTemplate; jinja2.UndefinedError when a placeholder has no value."""
    source = _source(kind, version, locale)
    values = _values(places, locale, details)
    subject = " ".join(_plain(locale, source["subject"]).render(values).split())
    body = _marked_up(locale, _styled(source["body"])).render(values).strip()
    escaped = Markup(body)  # noqa: S704 - rendered with autoescape
    html = _layout(locale).render(
        values | {"subject": subject, "body": escaped, "emblem_id": EMBLEM_ID, "portal_name": PORTAL[locale]}
    )
    text = f"{_as_text(body, locale)}\n\n-- \n{PORTAL[locale]}\n{places.portal_url}\n{FOOT[locale]}\n"
    return Mail(subject, text, html)


def render_sms(places: Places, kind: Kind, version: int, locale: str, details: Mapping[str, Any]) -> str:
    """Raises as render_mail."""
    source = _source(kind, version, locale)
    if "sms" not in source:
        raise NoSuchTemplate(f"{kind} has no text message")
    return _plain(locale, source["sms"].strip()).render(_values(places, locale, details))


@cache
def _source(kind: Kind, version: int, locale: str) -> dict[str, str]:
    try:
        texts: dict[str, str] = tomllib.loads((FOLDER / f"{kind}.{version}.toml").read_text("utf-8"))[locale]
    except (FileNotFoundError, KeyError):
        raise NoSuchTemplate(f"{kind} {version} {locale}") from None
    return texts


@cache
def _words(locale: str) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))[locale]
    return words


def _values(places: Places, locale: str, details: Mapping[str, Any]) -> dict[str, Any]:
    values = {"locale": locale, **details, **places.placeholders()}
    if case_number := details.get("case_number"):
        values["case_url"] += f"?number={quote(str(case_number), safe='')}"
    return values


@cache
def _environment(locale: str, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)
    environment.filters |= {
        "day": lambda value: day_in_words(date.fromisoformat(value), locale),
        "moment": lambda value: moment_in_words(datetime.fromisoformat(value), locale),
        "hour": lambda value: hour_in_words(datetime.fromisoformat(value)),
        "reason": lambda code: _words(locale)["reasons"][code],
        "field": lambda name: _words(locale)["fields"][name],
        "plain": _without_links,
        "lines": _broken_lines,
    }
    environment.globals["button"] = _button
    return environment


def _button(address: str, label: str) -> Markup:
    return BUTTON.format(address=address, label=label)


def _styled(body: str) -> str:
    for plain, styled in STYLES.items():
        body = body.replace(plain, styled)
    return body


@cache
def _plain(locale: str, source: str) -> Template:
    return _environment(locale, autoescape=False).from_string(source)


@cache
def _marked_up(locale: str, source: str) -> Template:
    return _environment(locale, autoescape=True).from_string(source)


@cache
def _layout(locale: str) -> Template:
    return _marked_up(locale, (FOLDER / "layout.html").read_text("utf-8"))


def _without_links(name: str) -> str:
    """A name typed by a stranger, as one line that no mail program makes a link of."""
    return " ".join(LINKS.sub("", name).split())[:LONGEST_NAME]


def _broken_lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _as_text(body: str, locale: str) -> str:
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
