"""How the value of a placeholder is written: days and moments as people write them, what people typed without links."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape
from mtnet_contracts.vocabulary.labels import FIELDS_IN_FULL, REASONS
from mtnet_contracts.vocabulary.texts import Texts

from notify.templates.declared import placeholders_of
from notify.templates.placeholders import Form, Placeholder
from notify.templates.rules import (
    Kind,
    format_day,
    format_hour,
    format_moment,
    name_without_links,
    note_without_links,
)


def cleaned(kind: Kind, details: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a message, what people typed without anything that a program would make a link of."""
    typed = {each.name: each.form for each in placeholders_of(kind).values()}
    return {name: _cleaned(typed.get(name), value) for name, value in details.items()}


def _cleaned(form: Form | None, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if form is Form.NAME:
        return name_without_links(value)
    return note_without_links(value) if form is Form.NOTE else value


def words_of(placeholder: Placeholder, value: Any, locale: str, texts: Texts) -> str:
    """The value as plain text; a note and a list may have several lines."""
    if value is None or value == "":
        return ""
    match placeholder.form:
        case Form.DAY:
            return format_day(date.fromisoformat(value), locale)
        case Form.MOMENT:
            return format_moment(datetime.fromisoformat(value), locale)
        case Form.MINUTE:
            return format_moment(datetime.fromisoformat(value), locale, seconds=False)
        case Form.HOUR:
            return format_hour(datetime.fromisoformat(value))
        case Form.RIGHT:
            return texts[placeholder.choices[value]]
        case Form.REASONS:
            return "\n".join(f"- {item}" for item in _reasons(value, locale, texts))
        case _:
            return str(value)


def html_of_value(
    placeholder: Placeholder, value: Any, locale: str, texts: Texts, list_tag: str, item_tag: str
) -> str:
    """The value for the HTML part of a mail: escaped, its lines kept, a list as one."""
    if placeholder.form is Form.REASONS:
        items = "".join(f"{item_tag}{escape(item)}</li>" for item in _reasons(value or (), locale, texts))
        return f"{list_tag}{items}</ul>" if items else ""
    lines = words_of(placeholder, value, locale, texts).splitlines()
    return str(Markup("<br>").join(escape(line) for line in lines))


def for_conditions(known: Mapping[str, Placeholder], values: Mapping[str, Any]) -> dict[str, Any]:
    """What conditions compare: a value that is not there is empty, where it may be; 0 of something is something."""
    return {
        name: ("" if value is None else str(value))
        if known[name].may_be_empty and not _is_list(value)
        else value
        for name, value in values.items()
        if name in known
    }


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _reasons(reasons: Any, locale: str, texts: Texts) -> list[str]:
    colon = ": " if locale == "en" else "："
    return [f"{texts[FIELDS_IN_FULL[r['field']]]}{colon}{texts[REASONS[r['code']]]}" for r in reasons]
