"""Rendering: templates become mails and text messages. The text part of a mail is made of its HTML part.

A template says English; the other languages are in `translations/` beside this folder (ADR 0034).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.labels import FIELDS_IN_FULL, LABELS, PORTAL, REASONS
from mtnet_contracts.vocabulary.texts import N_, Texts, texts_of

from notify.templates.closings import closing_of
from notify.templates.declared import placeholders_of
from notify.templates.filling import cleaned, for_conditions, html_of_value, words_of
from notify.templates.notation import CLOSE, OPEN, PARTS, filled, html_of, plain_of, with_holes
from notify.templates.paragraphs import as_html
from notify.templates.placeholders import Form
from notify.templates.release import in_notation
from notify.templates.rules import (
    EMBLEM_ID,
    FIRST_OF_OPERATORS,
    HOTLINE,
    LOCALES,
    Kind,
    Links,
    Mail,
    NoSuchTemplate,
    OperatorsText,
    format_day,
    format_hour,
    format_moment,
    name_without_links,
    note_without_links,
    text_of_html,
)
from notify.templates.store import TemplateStore
from notify.templates.styles import BUTTON, STYLES

# Texts of operators that this process has read, by number; the oldest goes first.
MOST_KEPT = 1_000
_KEPT: dict[int, OperatorsText] = {}
# What says the same as the mail where it has no text of its own.
LIKE_THE_MAIL = ("line", "fax")
TEST = N_("[Test] %(subject)s")

FILES = files("notify") / "templates" / "files"
HOTLINE_TEXT = N_("Helpdesk, 24 hours a day: %(hotline)s")
STOP_SUCH_MAILS = N_("Stop mails like this one")
# PDPA Art. 3.
RIGHTS = {
    "view": N_("See the data"),
    "copy": N_("Get a copy of the data"),
    "correct": N_("Add to the data or correct it"),
    "stop": N_("Stop collecting, processing or using the data"),
    "delete": N_("Delete the data"),
}


def emblem() -> bytes:
    """The picture that every mail brings with it, a PNG."""
    return (FILES / "emblem.png").read_bytes()


def _versions(kind: Kind) -> list[int]:
    names = (entry.name for entry in FILES.iterdir() if entry.name.startswith(f"{kind}."))
    return sorted(int(name.split(".")[1]) for name in names)


def current_version(kind: Kind) -> int:
    """The newest version of a template. A message keeps the version it was written with, which names its details."""
    versions = _versions(kind)
    if not versions:
        raise NoSuchTemplate(str(kind))
    return versions[-1]


def keep_texts(texts: Iterable[OperatorsText]) -> None:
    """Texts of operators that this process can write messages with from now on. They never change."""
    for text in texts:
        _KEPT[text.version] = text
    while len(_KEPT) > MOST_KEPT:
        del _KEPT[next(iter(_KEPT))]


def unknown_texts(versions: Iterable[int]) -> frozenset[int]:
    """Those of operators that this process has not read yet."""
    return frozenset(each for each in versions if each >= FIRST_OF_OPERATORS and each not in _KEPT)


def render_mail(
    links: Links,
    kind: Kind,
    version: int,
    locale: str,
    details: Mapping[str, Any],
    unsubscribe_url: str | None = None,
) -> Mail:
    """`unsubscribe_url` stands at the end of what its recipient may do without.

    Raises NoSuchTemplate; jinja2.UndefinedError when a placeholder has no value.
    """
    own, release = _text_of(kind, version, locale)
    values = _values(links, kind, locale, details)
    return _mail(links, kind, locale, own, release, values, unsubscribe_url)


def render_own_mail(links: Links, own: OperatorsText, details: Mapping[str, Any]) -> Mail:
    """The mail with a text that need not be kept: one that is being written. Raises as render_mail."""
    values = _values(links, own.kind, own.locale, details)
    return _mail(links, own.kind, own.locale, own, own.release_version, values)


def render_own_text(links: Links, own: OperatorsText, details: Mapping[str, Any], part: str) -> str:
    """As render_text, with a text that need not be kept."""
    values = _values(links, own.kind, own.locale, details)
    return _words(own.kind, own.locale, own, own.release_version, values, part)


def _mail(
    links: Links,
    kind: Kind,
    locale: str,
    own: OperatorsText | None,
    release: int,
    values: Mapping[str, Any],
    unsubscribe_url: str | None = None,
) -> Mail:
    subject, body = _subject_and_body(kind, locale, own, release, values)
    escaped = Markup(body)  # noqa: S704 - rendered with autoescape
    texts = _texts(locale)
    closing = texts[closing_of(kind)]
    foot = f"{texts[HOTLINE_TEXT] % {'hotline': HOTLINE}}\n{closing}"
    if unsubscribe_url:
        foot += f"\n{texts[STOP_SUCH_MAILS]}{':' if locale == 'en' else '：'}\n{unsubscribe_url}"
    html = _layout(locale).render(
        dict(values)
        | {
            "closing": closing,
            "subject": subject,
            "body": escaped,
            "emblem_id": EMBLEM_ID,
            "portal_name": texts[PORTAL],
        }
        | {"unsubscribe_url": unsubscribe_url, "stop_such_mails": texts[STOP_SUCH_MAILS]}
    )
    text = f"{text_of_html(body, locale)}\n\n-- \n{texts[PORTAL]}\n{links.portal_url}\n{foot}\n"
    return Mail(subject, text, html)


def render_plain(
    links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any]
) -> tuple[str, str]:
    """Subject and text of a mail, without its head and foot: for a page. Raises as render_mail."""
    own, release = _text_of(kind, version, locale)
    subject, body = _subject_and_body(kind, locale, own, release, _values(links, kind, locale, details))
    return subject, text_of_html(body, locale)


def render_text(
    links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any], part: str
) -> str:
    """The plain text of a part such as `sms`: the operator's, or the block of that name in the release's template.

    A fax or a LINE message without a text of its own says what the mail says. Raises as render_mail.
    """
    own, release = _text_of(kind, version, locale)
    return _words(kind, locale, own, release, _values(links, kind, locale, details), part)


def render_words_of_its_own(
    links: Links, kind: Kind, version: int, locale: str, details: Mapping[str, Any], part: str
) -> str | None:
    """As render_text; None where the part has no text of its own and says what the mail says."""
    own, release = _text_of(kind, version, locale)
    return _own_words(kind, locale, own, release, _values(links, kind, locale, details), part)


def _words(
    kind: Kind,
    locale: str,
    own: OperatorsText | None,
    release: int,
    values: Mapping[str, Any],
    part: str,
) -> str:
    words = _own_words(kind, locale, own, release, values, part)
    if words is not None:
        return words
    subject, body = _subject_and_body(kind, locale, own, release, values)
    return f"{subject}\n\n{text_of_html(body, locale)}"


def _own_words(
    kind: Kind, locale: str, own: OperatorsText | None, release: int, values: Mapping[str, Any], part: str
) -> str | None:
    if own is not None and part in own.parts:
        return plain_text(kind, own.parts[part], locale, values)
    template = _template(kind, release, locale, False)
    if part in template.blocks or part not in LIKE_THE_MAIL:
        return _part(template, part, values).strip()
    return None


def parts_of_release(kind: Kind) -> tuple[str, ...]:
    """The parts that the release's present template of this kind has."""
    blocks = _template(kind, current_version(kind), LOCALES[0], False).blocks
    return tuple(part for part in PARTS if part in blocks)


@cache
def release_texts(kind: Kind, locale: str) -> Mapping[str, str]:
    """The release's present texts of a kind in the notation of operators, by part."""
    source = (FILES / f"{kind}.{current_version(kind)}.html").read_text("utf-8")
    found = in_notation(source, _texts(locale))
    return {part: found[part] for part in PARTS if part in found}


def load_texts(tx: Tx, versions: Iterable[int]) -> None:
    """Read the operators' texts that this process has not read yet: one query for all, and none where there is none."""
    if missing := unknown_texts(versions):
        keep_texts(TemplateStore(tx).texts(missing))


def version_in_use(tx: Tx, kind: Kind, locale: str) -> int:
    """What a new message is written with: the operators' text, or the release's."""
    return TemplateStore(tx).version_for(kind, locale, current_version(kind))


def plain_text(kind: Kind, source: str, locale: str, values: Mapping[str, Any]) -> str:
    """An operator's plain text, filled in. Raises jinja2.UndefinedError when a placeholder has no value."""
    known = placeholders_of(kind)
    text = with_holes(source, for_conditions(known, values))
    return plain_of(
        filled(text, lambda name: words_of(known[name], _value(values, name), locale, _texts(locale)))
    )


def html_body(kind: Kind, source: str, locale: str, values: Mapping[str, Any]) -> str:
    """An operator's body of a mail as HTML, filled in. Raises as plain_text."""
    known, texts = placeholders_of(kind), _texts(locale)
    html = html_of(with_holes(source, for_conditions(known, values)), *_alone(kind), _tag, _button)
    return filled(
        html,
        lambda name: html_of_value(known[name], _value(values, name), locale, texts, _tag("ul"), _tag("li")),
    )


def values_for(links: Links, kind: Kind, details: Mapping[str, Any]) -> dict[str, Any]:
    """What the texts of a message are filled with: its details, without links that people typed, and the links."""
    values = {**cleaned(kind, details), **links.placeholders(details.get("case_number"))}
    if "request_id" in details:
        values["request_url"] = f"{values['privacy_desk_url']}/{quote(str(details['request_id']), safe='')}"
    if "ticket_path" in details:
        values["ticket_url"] = f"{values['portal_url']}{details['ticket_path']}"
    if "answered_files" in details:
        at = values["portal_url"]
        values["files"] = "\n\n".join(f"{e['name']}\n{at}{e['link']}" for e in details["answered_files"])
    return values


def _subject_and_body(
    kind: Kind, locale: str, own: OperatorsText | None, release: int, values: Mapping[str, Any]
) -> tuple[str, str]:
    """The subject on one line, and the body as HTML."""
    parts: Mapping[str, str] = own.parts if own is not None else {}
    subject = (
        plain_text(kind, parts["subject"], locale, values)
        if "subject" in parts
        else _part(_template(kind, release, locale, False), "subject", values)
    )
    body = (
        html_body(kind, parts["body"], locale, values)
        if "body" in parts
        else _part(_template(kind, release, locale, True), "body", values).strip()
    )
    if own is not None and own.is_test:
        subject = _texts(locale)[TEST] % {"subject": subject}
    return " ".join(subject.split()), body


def _text_of(kind: Kind, version: int, locale: str) -> tuple[OperatorsText | None, int]:
    """The operator's text of that number, or None, and the version of the release's template below it.

    Raises NoSuchTemplate for a text that this process has not read.
    """
    if version < FIRST_OF_OPERATORS:
        return None, version
    own = _KEPT.get(version)
    if own is None or (own.kind, own.locale) != (kind, locale):
        raise NoSuchTemplate(f"{kind} {version} {locale}")
    return own, own.release_version


def _value(values: Mapping[str, Any], name: str) -> Any:
    """Raises jinja2.UndefinedError."""
    if name not in values:
        raise UndefinedError(f"'{name}' has no value")
    return values[name]


@cache
def _alone(kind: Kind) -> tuple[str, str]:
    """Patterns of the holes that may stand alone in a paragraph: codes, and lists."""
    known = placeholders_of(kind).values()
    return tuple(  # type: ignore[return-value]
        "|".join(f"{OPEN}{each.name}{CLOSE}" for each in known if each.form is form)
        for form in (Form.CODE, Form.REASONS)
    )


def _tag(name: str) -> str:
    """The styled beginning of a list, an item, or a paragraph of a class."""
    plain = f"<{name}>" if name in ("ul", "li") else f'<p class="{name}">' if name else "<p>"
    return STYLES[plain]


@cache
def _template(kind: Kind, version: int, locale: str, marked_up: bool) -> Template:
    """The template of this version, or of the first later one: a version may go when the next takes its details."""
    kept = next((known for known in _versions(kind) if known >= version), None)
    if kept is None or locale not in LOCALES:
        raise NoSuchTemplate(f"{kind} {version} {locale}")
    source = (FILES / f"{kind}.{kept}.html").read_text("utf-8")
    return _environment(locale, marked_up).from_string(_styled(source) if marked_up else source)


def _part(template: Template, name: str, values: Mapping[str, Any]) -> str:
    if name not in template.blocks:
        raise NoSuchTemplate(f"there is no text for {name}")
    return "".join(template.blocks[name](template.new_context(dict(values))))


def _texts(locale: str) -> Texts:
    return texts_of(locale, "notify", LABELS)


def _values(links: Links, kind: Kind, locale: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"locale": locale, **values_for(links, kind, details)}


@cache
def _environment(locale: str, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=autoescape, undefined=StrictUndefined)
    texts = _texts(locale)
    environment.filters |= {
        "day": lambda value: format_day(date.fromisoformat(value), locale),
        "moment": lambda value: format_moment(datetime.fromisoformat(value), locale),
        "minute": lambda value: format_moment(datetime.fromisoformat(value), locale, seconds=False),
        "hour": lambda value: format_hour(datetime.fromisoformat(value)),
        "reason": lambda code: texts[REASONS[code]],
        "field": lambda name: texts[FIELDS_IN_FULL[name]],
        "right": lambda kind: texts[RIGHTS[kind]],
        "plain": name_without_links,
        "lines": _broken_lines,
        "paragraphs": _paragraphs,
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
    return Markup("<br>").join(escape(line) for line in note_without_links(text).splitlines())


def _paragraphs(text: str, portal_url: str) -> Markup:
    return Markup(_styled(str(as_html(text, portal_url))))  # noqa: S704 - escaped; the styles are ours
