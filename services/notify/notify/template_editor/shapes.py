"""What the endpoints of the editor answer with."""

from collections.abc import Iterable, Mapping
from typing import Any

from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import texts_of

from notify.templates.declared import OF_EVERY_KIND, placeholders_of
from notify.templates.filling import words_of
from notify.templates.notation import LONGEST_PART
from notify.templates.placeholders import Placeholder
from notify.templates.rules import Draft, Kind, Links, Version
from notify.templates.samples import samples_of


def lines_view(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "items": [
            {**line, "last": version_view(line["last"]), "draft": _draft_view(line["draft"])}
            for line in lines
        ]
    }


def template_view(found: Mapping[str, Any], links: Links, reader: str) -> dict[str, Any]:
    """With the placeholders' meanings in the reader's language, and their samples in the text's."""
    kind = Kind(found["kind"])
    samples = samples_of(kind, links.portal_url)
    return {
        **found,
        "in_use": version_view(found["in_use"]),
        "draft": _draft_view(found["draft"]),
        "parts": [{**part, "longest": LONGEST_PART[part["name"]]} for part in found["parts"]],
        "placeholders": [
            _placeholder_view(each, samples.get(each.name), found["locale"], reader)
            for each in placeholders_of(kind).values()
        ],
    }


def versions_view(versions: Iterable[Version], next_before: int | None) -> dict[str, Any]:
    return {"items": [version_view(each) for each in versions], "next_before": next_before}


def version_view(version: Version | None) -> dict[str, Any] | None:
    return None if version is None else vars(version) | {"parts": list(version.parts)}


def _draft_view(draft: Draft | None) -> dict[str, Any] | None:
    return None if draft is None else {"author": draft.author or "", "saved_at": draft.saved_at}


def _placeholder_view(placeholder: Placeholder, sample: Any, locale: str, reader: str) -> dict[str, Any]:
    texts = texts_of(reader, "notify", LABELS)
    only_when = placeholder.only_when
    return {
        "name": placeholder.name,
        "form": placeholder.form.name,
        "meaning": texts[placeholder.meaning],
        "sample": words_of(placeholder, sample, locale, texts_of(locale, "notify", LABELS)),
        "choices": [
            {"code": code, "meaning": texts[meaning]} for code, meaning in placeholder.choices.items()
        ],
        "only_when": f"{only_when[0]} = {' / '.join(only_when[1])}" if only_when else "",
        "may_be_empty": placeholder.may_be_empty,
        "necessary": placeholder.necessary,
        "common": placeholder in OF_EVERY_KIND,
    }
