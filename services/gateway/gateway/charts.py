"""Charts as bars of an inline SVG, beside a table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 560, 120


class Piece(NamedTuple):
    """A part of a bar, in units of the SVG; `part` says which of the numbers it is."""

    part: int
    x: float
    y: float
    width: float
    height: float


def stacked(bars: Sequence[Sequence[int]]) -> list[list[Piece]]:
    """A bar for each list of numbers, the first number from the ground up and the others above it.

    The highest is as high as the chart; a number above 0 can be seen.
    """
    most = max((sum(numbers) for numbers in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    found = []
    for place, numbers in enumerate(bars):
        top, pieces = float(HEIGHT), []
        for part, count in enumerate(numbers):
            height = _height(count, most)
            top = round(top - height, 1)
            pieces.append(Piece(part, round(place * step + step * 0.1, 1), top, round(step * 0.8, 1), height))
        found.append(pieces)
    return found


def _height(count: int, most: int) -> float:
    return round(max(2.0, (HEIGHT - 4) * count / most), 1) if count else 0.0
