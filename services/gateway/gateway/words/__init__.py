"""Every word the portal shows, in Traditional Chinese and English, by key; topics in files of their own."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

from gateway.words import api, application, choices, errors, layout, reviewing

LOCALES = ("zh-Hant", "en")

WORDS: dict[str, tuple[str, str]] = {
    **layout.WORDS,
    **application.WORDS,
    **choices.WORDS,
    **errors.WORDS,
    **reviewing.WORDS,
    **api.WORDS,
}


# Escaped once, for templates.
ESCAPED = {
    locale: {key: escape(words[place]) for key, words in WORDS.items()}
    for place, locale in enumerate(LOCALES)
}


def text(key: str, locale: str, **values: object) -> str:
    """The words of `key`; `values` fill its places. Raises KeyError when there are none."""
    words = WORDS[key][LOCALES.index(locale)]
    return words.format(**values) if values else words


def for_templates(locale: str) -> Callable[..., Markup | str]:
    """`t` of a page in this language: as `text`, without asking for the language at each word."""
    escaped = ESCAPED[locale]

    def t(key: str, **values: object) -> Markup | str:
        return text(key, locale, **values) if values else escaped[key]

    return t
