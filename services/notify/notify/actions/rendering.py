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
from urllib.parse import urlsplit

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from notify.domain.dates import day_in_words, hour_in_words, moment_in_words
from notify.domain.messages import Kind, Mail

LOCALES = ("zh-Hant", "en")
HOTLINE = "0800-022-120"
HELPDESK_MAIL = "service@mtnet.gov.tw"
FOLDER = files("notify") / "templates"
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
            "case_url": f"{portal_url}/case",
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
    body = _marked_up(locale, source["body"]).render(values).strip()
    escaped = Markup(body)  # noqa: S704 - rendered with autoescape
    html = _layout(locale).render(values | {"subject": subject, "body": escaped})
    text = f"{_as_text(body)}\n\n-- \nMTNet {places.portal_url}\n{HOTLINE}\n"
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
    return {"locale": locale, **details, **places.placeholders()}


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
    return environment


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


def _as_text(body: str) -> str:
    reader = _TextOfHtml()
    reader.feed(body)
    return reader.text()


class _TextOfHtml(HTMLParser):
    """Paragraphs apart, list items with a dash, links as «label: address»."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
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
            self.current += f":\n{self.address}"
            self.address = None
        elif tag in ("p", "li"):
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
