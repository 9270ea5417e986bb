"""Which parts of a text to show, and which of them to mark."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from mtnet_search.folding import composed, fold_with_places
from mtnet_search.interface import Part
from mtnet_search.words import JOINT, Piece

LENGTH = 90
BEFORE = 20
MOST_MARKS = 50
# Of a long text, what lies behind is not looked through for marks.
LOOKED_THROUGH = 20_000

Span = tuple[int, int]


def marked(text: str, asked: Iterable[Piece], length: int | None = None) -> tuple[Part, ...]:
    """The text in parts; with `length`, the piece of it with most marks, from its beginning if there are none."""
    text = composed(text)[:LOOKED_THROUGH]
    folded, places = fold_with_places(text)
    spans = [(places[a], places[b - 1] + 1) for a, b in _found(folded, list(asked))]
    start, end = (0, len(text)) if length is None else _window(text, spans, length)
    parts: list[Part] = [Part("…", False)] if start else []
    at = start
    for a, b in spans:
        a, b = max(a, at), min(b, end)
        if a < b:
            parts += [Part(text[at:a], False), Part(text[a:b], True)]
            at = b
    parts += [Part(text[at:end], False)]
    if end < len(text):
        parts.append(Part("…", False))
    return tuple(part for part in parts if part.text)


def _found(folded: str, asked: list[Piece]) -> list[Span]:
    """Where the pieces stand, whole where they do; else their pairs of characters, else the single ones."""
    spans: list[Span] = []
    for piece in asked:
        if piece.unspaced:
            spans += (
                _places(folded, [piece.text])
                or _places(folded, piece.pairs())
                or _places(folded, list(piece.text))
            )
        else:
            spans += _spelled(folded, piece.joined()) or _places(
                folded, [p for p in piece.parts() if len(p) > 1]
            )
    merged: list[Span] = []
    for a, b in sorted(spans)[:MOST_MARKS]:
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def _spelled(folded: str, joined: str) -> list[Span]:
    """Where a word stands, or a code with joints or without."""
    pattern = f"{JOINT}?".join(map(re.escape, joined))
    return [found.span() for found in islice(re.finditer(pattern, folded), MOST_MARKS)] if joined else []


def _places(folded: str, looked_for: Iterable[str]) -> list[Span]:
    spans: list[Span] = []
    for words in dict.fromkeys(looked_for):
        at = folded.find(words)
        while words and at >= 0 and len(spans) < MOST_MARKS:
            spans.append((at, at + len(words)))
            at = folded.find(words, at + len(words))
    return spans


def _window(text: str, spans: list[Span], length: int) -> Span:
    """The stretch with most marked characters; of equal ones the first."""
    best, most = 0, 0
    for a, _ in spans:
        inside = sum(
            min(end, a + length - BEFORE) - begin for begin, end in spans if a <= begin < a + length - BEFORE
        )
        if inside > most:
            best, most = a, inside
    start = max(0, min(best - BEFORE, len(text) - length))
    return start, min(len(text), start + length)
