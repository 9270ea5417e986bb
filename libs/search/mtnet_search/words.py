"""What a text is made of when it is searched: runs of Chinese, and words or codes of letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Ideographs with their extensions, the numeral 〇, bopomofo, kana and hangul: written without spaces.
UNSPACED = "〇぀-ヿ㄀-ㄯㆠ-ㆿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿\U00020000-\U0003ffff"
# What joins letters and digits to a code or an address.
JOINT = r"[-_./@:+&']"
_PIECE = re.compile(f"(?P<run>[{UNSPACED}]+)|(?P<word>[^\\W_{UNSPACED}]+(?:{JOINT}[^\\W_{UNSPACED}]+)*)")
_JOINTS = re.compile(JOINT)
# Between two runs, so that a phrase never reaches over what stands between them.
GAP = "¦"
LONGEST_WORD = 64
MOST_PARTS = 12
PREFIXES = range(2, 11)
MISTYPED = range(4, 21)


@dataclass(frozen=True)
class Piece:
    """A run of characters without spaces, or a word: letters and digits, perhaps joined to a code by hyphens.

    `at` is its place in the folded text.
    """

    text: str
    unspaced: bool
    at: int = 0

    def pairs(self) -> list[str]:
        """A run's overlapping pairs of characters."""
        return [self.text[n : n + 2] for n in range(len(self.text) - 1)] if self.unspaced else []

    def parts(self) -> list[str]:
        """A code without its joints: `aa-01` is `aa`, `01`. One part for a plain word."""
        return [part for part in _JOINTS.split(self.text)[:MOST_PARTS] if part]

    def joined(self) -> str:
        """A code in one: `0800022120`."""
        return _JOINTS.sub("", self.text)[:LONGEST_WORD]


def pieces(folded: str) -> Iterator[Piece]:
    for found in _PIECE.finditer(folded):
        unspaced = found.group("run") is not None
        text = found.group()
        yield Piece(text if unspaced else text[:LONGEST_WORD], unspaced, found.start())


def tokens(folded: str) -> list[str]:
    """What is indexed with places: pairs of characters; words; codes whole, in parts and in one."""
    made: list[str] = []
    for piece in pieces(folded):
        if piece.unspaced:
            made += piece.pairs()
        else:
            made += _spellings(piece)
        made.append(GAP)
    return made


def _spellings(word: Piece) -> list[str]:
    parts = word.parts()
    return [word.text] if len(parts) < 2 else [*parts, GAP, word.text, GAP, word.joined()]


def characters(folded: str) -> list[str]:
    """Each character of unspaced runs once: for a query of one, and for what is nearly the same."""
    return list(dict.fromkeys(c for piece in pieces(folded) if piece.unspaced for c in piece.text))


def beginnings(folded: str) -> list[str]:
    """The first letters of each word, two to ten: what somebody has typed who is not done yet."""
    made: dict[str, None] = {}
    for piece in pieces(folded):
        if not piece.unspaced:
            for spelled in {piece.text, *piece.parts(), piece.joined()}:
                made |= dict.fromkeys(spelled[:n] for n in PREFIXES if n <= len(spelled))
    return list(made)


def mistyped(word: str) -> set[str]:
    """A word of letters with each of them left out in turn, and as it is: two words that differ by one letter left out,
    added, changed or exchanged with its neighbour have one of these in common. Nothing for a short word or a code,
    where another letter means another thing."""
    if len(word) not in MISTYPED or not word.isalpha():
        return set()
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


def all_mistyped(folded: str) -> list[str]:
    words = {part for piece in pieces(folded) if not piece.unspaced for part in piece.parts()}
    return sorted({spelled for word in words for spelled in mistyped(word)})
