"""Rendering: templates become mails and text messages. The text part of a mail is made of its HTML part."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from notify.templates.rules import (
    EMBLEM_ID,
    HOTLINE,
    Kind,
    Links,
    Mail,
    NoSuchTemplate,
    format_day,
    format_hour,
    format_moment,
    name_without_links,
    text_of_html,
)

FILES = files("notify") / "templates" / "files"
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


def emblem() -> bytes:
    """The picture that every mail brings with it, a PNG."""
    return (FILES / "emblem.png").read_bytes()


def current_version(kind: Kind) -> int:
    """The newest version of a template; a message keeps the version it was written with."""
    versions = [
        int(entry.name.split(".")[1]) for entry in FILES.iterdir() if entry.name.startswith(f"{kind}.")
    ]
    if not versions:
        raise NoSuchTemplate(str(kind))
    return max(versions)


def render_mail(links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any]) -> Mail:
    """Raises NoSuchTemplate; jinja2.UndefinedError when a placeholder has no value."""
    source = _source(kind, version, locale)
    values = _values(links, locale, details)
    subject = " ".join(_plain(locale, source["subject"]).render(values).split())
    body = _marked_up(locale, _styled(source["body"])).render(values).strip()
    escaped = Markup(body)  # noqa: S704 - rendered with autoescape
    html = _layout(locale).render(
        values | {"subject": subject, "body": escaped, "emblem_id": EMBLEM_ID, "portal_name": PORTAL[locale]}
    )
    text = f"{text_of_html(body, locale)}\n\n-- \n{PORTAL[locale]}\n{links.portal_url}\n{FOOT[locale]}\n"
    return Mail(subject, text, html)


def render_text(
    links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any], part: str
) -> str:
    """The plain text under the key `part` of the template's file, such as `sms`. Raises as render_mail."""
    source = _source(kind, version, locale)
    if part not in source:
        raise NoSuchTemplate(f"{kind} has no text for {part}")
    return _plain(locale, source[part].strip()).render(_values(links, locale, details))


@cache
def _source(kind: Kind, version: int, locale: str) -> dict[str, str]:
    try:
        texts: dict[str, str] = tomllib.loads((FILES / f"{kind}.{version}.toml").read_text("utf-8"))[locale]
    except (FileNotFoundError, KeyError):
        raise NoSuchTemplate(f"{kind} {version} {locale}") from None
    return texts


@cache
def _words(locale: str) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = tomllib.loads((FILES / "words.toml").read_text("utf-8"))[locale]
    return words


def _values(links: Links, locale: str, details: Mapping[str, Any]) -> dict[str, Any]:
    case_number = details.get("case_number")
    return {"locale": locale, **details, **links.placeholders(case_number and str(case_number))}


@cache
def _environment(locale: str, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)
    environment.filters |= {
        "day": lambda value: format_day(date.fromisoformat(value), locale),
        "moment": lambda value: format_moment(datetime.fromisoformat(value), locale),
        "hour": lambda value: format_hour(datetime.fromisoformat(value)),
        "reason": lambda code: _words(locale)["reasons"][code],
        "field": lambda name: _words(locale)["fields"][name],
        "plain": name_without_links,
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
    return _marked_up(locale, (FILES / "layout.html").read_text("utf-8"))


def _broken_lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())
