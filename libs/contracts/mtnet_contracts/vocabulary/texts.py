"""Texts in the reader's language: English stands in code and templates, every other language in gettext catalogues.

A package keeps its catalogues in `translations/<language>/LC_MESSAGES/`, a file for each topic. `make words` writes
them from what code and templates say; translators fill them in with any gettext tool.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

# Between a context and its text, as in .mo files.
END_OF_CONTEXT = "\x04"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for translation where it is written; `Texts` translates it where it is shown."""
    return text


def P_(context: str, text: str) -> str:  # noqa: N802
    """As `N_`, for a text that another language says differently in different places: `context` says which place."""
    return f"{context}{END_OF_CONTEXT}{text}"


class Texts(dict[str, str]):
    """English text, as marked by `N_` or `P_`, → the text in one language. English where there is no translation.

    Each text is looked up in the catalogues once. Only texts of the program may be asked for: what people typed would
    stay here for ever.
    """

    def __init__(self, locale: str, *packages: str) -> None:
        """`packages` are the names of packages with a folder `translations`; `locale` is a code such as zh-Hant."""
        super().__init__()
        self._translations = NullTranslations()
        for package in packages:
            folder = files(package) / "translations" / locale.replace("-", "_") / "LC_MESSAGES"
            if folder.is_dir():
                for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
                    if file.name.endswith(".mo"):
                        with file.open("rb") as stream:
                            self._translations.add_fallback(GNUTranslations(stream))

    def __missing__(self, text: str) -> str:
        context, _, english = text.rpartition(END_OF_CONTEXT)
        found = (
            self._translations.pgettext(context, english) if context else self._translations.gettext(english)
        )
        self[text] = found
        return found

    def of_number(self, one: str, many: str, count: int) -> str:
        """The text that fits a number; `one` and `many` are the English ones."""
        return self._translations.ngettext(one, many, count)


@cache
def texts_of(locale: str, *packages: str) -> Texts:
    """The same `Texts` whoever asks."""
    return Texts(locale, *packages)
