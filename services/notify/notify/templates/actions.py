"""Rendering: templates become mails and text messages. The text part of a mail is made of its HTML part.

A template says English; the other languages are in `translations/` beside this folder (ADR 0034).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from mtnet_contracts.vocabulary.labels import FIELDS_IN_FULL, LABELS, PORTAL, REASONS
from mtnet_contracts.vocabulary.texts import N_, Texts, texts_of

from notify.templates.rules import (
    EMBLEM_ID,
    HOTLINE,
    LOCALES,
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
HOTLINE_TEXT = N_("Helpdesk, 24 hours a day: %(hotline)s")
SENT_AUTOMATICALLY = N_("This message was sent automatically; please do not reply.")
# PDPA Art. 3.
RIGHTS = {
    "view": N_("See the data"),
    "copy": N_("Get a copy of the data"),
    "correct": N_("Add to the data or correct it"),
    "stop": N_("Stop collecting, processing or using the data"),
    "delete": N_("Delete the data"),
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


def _versions(kind: Kind) -> list[int]:
    return sorted(
        int(entry.name.split(".")[1]) for entry in FILES.iterdir() if entry.name.startswith(f"{kind}.")
    )


def current_version(kind: Kind) -> int:
    """The newest version of a template. A message keeps the version it was written with, which names its details."""
    versions = _versions(kind)
    if not versions:
        raise NoSuchTemplate(str(kind))
    return versions[-1]


def render_mail(links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any]) -> Mail:
    """Raises NoSuchTemplate; jinja2.UndefinedError when a placeholder has no value."""
    values = _values(links, locale, details)
    subject = " ".join(_part(_template(kind, version, locale, False), "subject", values).split())
    body = _part(_template(kind, version, locale, True), "body", values).strip()
    escaped = Markup(body)  # noqa: S704 - rendered with autoescape
    texts = _texts(locale)
    foot = f"{texts[HOTLINE_TEXT] % {'hotline': HOTLINE}}\n{texts[SENT_AUTOMATICALLY]}"
    html = _layout(locale).render(
        values | {"subject": subject, "body": escaped, "emblem_id": EMBLEM_ID, "portal_name": texts[PORTAL]}
    )
    text = f"{text_of_html(body, locale)}\n\n-- \n{texts[PORTAL]}\n{links.portal_url}\n{foot}\n"
    return Mail(subject, text, html)


def render_text(
    links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any], part: str
) -> str:
    """The plain text in the block `part` of the template, such as `sms`. Raises as render_mail."""
    return _part(_template(kind, version, locale, False), part, _values(links, locale, details)).strip()


@cache
def _template(kind: Kind, version: int, locale: str, marked_up: bool) -> Template:
    """The template of this version, or of the first later one: a version may go when the next takes its details."""
    kept = next((known for known in _versions(kind) if known >= version), None)
    if kept is None or locale not in LOCALES:
        raise NoSuchTemplate(f"{kind} {version} {locale}")
    source = (FILES / f"{kind}.{kept}.html").read_text("utf-8")
    return _environment(locale, marked_up).from_string(_styled(source) if marked_up else source)


def _part(template: Template, name: str, values: dict[str, Any]) -> str:
    if name not in template.blocks:
        raise NoSuchTemplate(f"there is no text for {name}")
    return "".join(template.blocks[name](template.new_context(values)))


def _texts(locale: str) -> Texts:
    return texts_of(locale, "notify", LABELS)


def _values(links: Links, locale: str, details: Mapping[str, Any]) -> dict[str, Any]:
    case_number = details.get("case_number")
    return {"locale": locale, **details, **links.placeholders(case_number and str(case_number))}


@cache
def _environment(locale: str, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)
    texts = _texts(locale)
    environment.filters |= {
        "day": lambda value: format_day(date.fromisoformat(value), locale),
        "moment": lambda value: format_moment(datetime.fromisoformat(value), locale),
        "hour": lambda value: format_hour(datetime.fromisoformat(value)),
        "reason": lambda code: texts[REASONS[code]],
        "field": lambda name: texts[FIELDS_IN_FULL[name]],
        "right": lambda kind: texts[RIGHTS[kind]],
        "plain": name_without_links,
        "lines": _broken_lines,
    }
    environment.globals |= {"button": _button, "_": _gettext(texts, autoescape)}
    return environment


def _gettext(texts: Texts, marked_up: bool) -> Callable[..., str]:
    """`_` of templates. In a mail a text may hold elements such as <strong>; what fills its places is escaped."""

    def gettext(text: str, **values: object) -> str:
        found = Markup(texts[text]) if marked_up else texts[text]  # noqa: S704 - written by us
        return found % values if values else found

    return gettext


def _button(address: str, label: str) -> Markup:
    return BUTTON.format(address=address, label=label)


def _styled(body: str) -> str:
    for plain, styled in STYLES.items():
        body = body.replace(plain, styled)
    return body


@cache
def _layout(locale: str) -> Template:
    return _environment(locale, True).from_string((FILES / "layout.html").read_text("utf-8"))


def _broken_lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())
