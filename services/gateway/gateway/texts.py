"""The texts of pages: English stands in code and templates, Chinese in `translations/`, ADR 0034 says how."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from markupsafe import Markup, escape
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import P_, Texts, texts_of

# Each language in itself: whoever looks for theirs reads no other.
LANGUAGES = {"zh-Hant": "中文", "en": "English"}
# By locale; what the codes of the contracts are called is translated with the contracts.
TEXTS = {locale: texts_of(locale, "gateway", LABELS) for locale in LOCALES}


class Escaped(dict[str, Markup]):
    """The texts of one language, each escaped once."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts

    def __missing__(self, text: str) -> Markup:
        found = self[text] = escape(self._texts[text])
        return found


def _filled(text: Markup, values: dict[str, object]) -> Markup:
    """As `text % values`, in half the time: both are safe then."""
    return Markup(str.__mod__(text, {name: escape(value) for name, value in values.items()}))  # noqa: S704


@cache
def for_templates(locale: str) -> dict[str, Callable[..., Markup]]:
    """gettext's functions for a page in this language. Values that fill a text's places are escaped.

    A page says some 250 texts: each is one look into a dict.
    """
    texts = TEXTS[locale]
    escaped = Escaped(texts)

    def gettext(text: str, **values: object) -> Markup:
        return _filled(escaped[text], values) if values else escaped[text]

    def pgettext(context: str, text: str, **values: object) -> Markup:
        return gettext(P_(context, text), **values)

    def ngettext(one: str, many: str, num: int, **values: object) -> Markup:
        return _filled(escape(texts.of_number(one, many, num)), {"num": num, **values})

    return {"_": gettext, "pgettext": pgettext, "ngettext": ngettext}
