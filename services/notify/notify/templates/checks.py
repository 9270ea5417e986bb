"""Whether a text may be published: everything in it is known, has a value, and nothing necessary is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import UndefinedError

from notify.templates.actions import plain_text
from notify.templates.declared import placeholders_of
from notify.templates.filling import for_conditions
from notify.templates.notation import HOLE, faults_of, faults_of_markup, names_filled, with_holes
from notify.templates.placeholders import DECIDES, Form, Placeholder
from notify.templates.rules import Kind, sms_parts
from notify.templates.samples import every_sample_of

# A short text says the least that helps: the code, or the link that exists only in this message.
SHORT = frozenset({"sms", "line"})
MOST_SMS_PARTS = 3
MOST_FAULTS = 50


@dataclass(frozen=True, order=True)
class TextFault:
    """What is wrong with a part: a code, and what it is about."""

    part: str
    code: str
    about: str


def faults_of_text(kind: Kind, locale: str, parts: Mapping[str, str], portal_url: str) -> list[TextFault]:
    """What keeps these parts from being published, in the order of the parts; nothing when they may be."""
    found: list[TextFault] = []
    for part, source in parts.items():
        known = placeholders_of(kind)
        faults = faults_of(part, source, known)
        faults = faults or list(dict.fromkeys(_faults_with_values(kind, locale, part, source, portal_url)))
        found += [TextFault(part, code, about) for code, about in faults]
    return found[:MOST_FAULTS]


def _faults_with_values(
    kind: Kind, locale: str, part: str, source: str, portal_url: str
) -> Iterable[tuple[str, str]]:
    known = placeholders_of(kind)
    for values in every_sample_of(kind, portal_url):
        try:
            text = with_holes(source, for_conditions(known, values))
        except UndefinedError as problem:
            yield "PLACEHOLDER_WITHOUT_VALUE", _in_case(str(problem).split("'")[1], values, known)
            continue
        yield from faults_of_markup(part, text, known)
        named = {name for name in names_filled(text) if name in known}
        for name in sorted(named):
            if name not in values:
                yield "PLACEHOLDER_WITHOUT_VALUE", _in_case(name, values, known)
        if not HOLE.sub("x", text).strip():
            yield "TEXT_EMPTY", _in_case("", values, known)
        for each in known.values():
            if _is_necessary(each, part) and values.get(each.name) and each.name not in named:
                yield "NECESSARY_MISSING", _in_case(each.name, values, known)
        if part == "sms" and named <= values.keys():
            count = sms_parts(plain_text(kind, source, locale, values)).parts
            if count > MOST_SMS_PARTS:
                yield "SMS_TOO_LONG", f"{count} > {MOST_SMS_PARTS}"


def _is_necessary(placeholder: Placeholder, part: str) -> bool:
    if not placeholder.necessary or part == "subject":
        return False
    return part not in SHORT or placeholder.form in (Form.CODE, Form.LINK)


def _in_case(name: str, values: Mapping[str, Any], known: Mapping[str, Placeholder]) -> str:
    """The placeholder, and in which case: `reset_url (account_state = frozen)`."""
    only_when = known[name].only_when if name in known else None
    if only_when is None:
        return name
    return f"{name} ({only_when[0]} = {values.get(only_when[0], '')})"


def choices_of(kind: Kind) -> list[Placeholder]:
    """What decides which words a text has: an editor chooses one of each to see the text."""
    return [each for each in placeholders_of(kind).values() if each.form in DECIDES]
