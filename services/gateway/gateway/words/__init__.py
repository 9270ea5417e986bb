"""Every word the portal shows, in Traditional Chinese and English, by key; topics in files of their own."""

from __future__ import annotations

from gateway.words import application, choices, errors, layout, reviewing

LOCALES = ("zh-Hant", "en")

WORDS: dict[str, tuple[str, str]] = {
    **layout.WORDS,
    **application.WORDS,
    **choices.WORDS,
    **errors.WORDS,
    **reviewing.WORDS,
}


def text(key: str, locale: str, **values: object) -> str:
    """The words of `key`; `values` fill its places. Raises KeyError when there are none."""
    words = WORDS[key][LOCALES.index(locale)]
    return words.format(**values) if values else words
