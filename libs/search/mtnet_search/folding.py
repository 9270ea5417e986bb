"""One spelling for what people mean alike: full width, capitals, variants of a character, what nobody sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from importlib.resources import files

# Format characters, marks that stand alone, halves of a pair of surrogates.
_NOTHING_SEEN = {"Cf", "Mn", "Me", "Cs"}


def _variants() -> dict[str, str]:
    """Each character of variants.txt to the one it is read as, through chains (账賬 賬帳), in any order."""
    lines = (files("mtnet_search") / "variants.txt").read_text("utf-8").splitlines()
    root: dict[str, str] = {}

    def found(character: str) -> str:
        while character in root:
            character = root[character]
        return character

    for pair in (pair for line in lines if not line.startswith("#") for pair in line.split()):
        a, b = found(pair[0]), found(pair[1])
        if a != b:
            root[a] = b
    return {character: found(character) for character in root}


_READ_AS = _variants()


class _Folded(dict[int, str]):
    """What each code point becomes; worked out when it is first met, so that `str.translate` does the rest."""

    def __init__(self) -> None:
        super().__init__()
        # Those met so far that become no character, or several.
        self.odd: set[str] = set()

    def __missing__(self, point: int) -> str:
        character = chr(point)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        folded = "".join(_READ_AS.get(c, c) for c in folded if unicodedata.category(c) not in _NOTHING_SEEN)
        if len(folded) != 1:
            self.odd.add(character)
        if point < 0x30000:  # what is kept is bounded
            self[point] = folded
        return folded


_TABLE = _Folded()


def composed(text: str) -> str:
    """As a text is shown and folded: letters and their accents as one character."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The spelling that is indexed and looked for. `fold(fold(x)) == fold(x)`."""
    return composed(text).translate(_TABLE)


def fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The same of a composed text, and for each character of it the place in `text` that it came from."""
    whole = text.translate(_TABLE)
    if _TABLE.odd.isdisjoint(text):
        return whole, range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        became = _TABLE[ord(character)]
        folded.append(became)
        places += [place] * len(became)
    return "".join(folded), places
