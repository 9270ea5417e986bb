"""Numbers, names, rectangles and matrices of a PDF: read with care, and written."""

from __future__ import annotations

from decimal import Decimal
from math import cos, radians, sin
from typing import Any

import pikepdf


def nothing() -> Any:
    return pikepdf.Object.parse(b"null")


def is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float | Decimal | pikepdf.Name | pikepdf.String)


def plain(value: Any, depth: int = 0) -> Any:
    """Numbers, names, strings, and arrays of them; anything else is None."""
    if isinstance(value, pikepdf.Name):
        return pikepdf.Name(str(value))
    if isinstance(value, pikepdf.String):
        return pikepdf.String(bytes(value))
    if isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, pikepdf.Array) and depth < 4:
        copies = [plain(item, depth + 1) for item in value]
        return pikepdf.Array([nothing() if one is None else one for one in copies])
    return None


def numbers(value: Any, count: int | None = None) -> tuple[float, ...] | None:
    if (
        not isinstance(value, pikepdf.Array)
        or (count is not None and len(value) != count)
        or len(value) > 10_000
    ):
        return None
    found = list(value)
    if not all(isinstance(one, int | Decimal | float) and abs(float(one)) < 1e9 for one in found):
        return None
    return tuple(float(one) for one in found)


def rectangle(value: Any) -> tuple[float, float, float, float] | None:
    """Left, low, right, high; None where it is none, or has no area."""
    found = numbers(value, 4)
    if found is None:
        return None
    left, right = sorted((found[0], found[2]))
    low, high = sorted((found[1], found[3]))
    return (left, low, right, high) if left < right and low < high else None


def written(*numbers: float) -> bytes:
    return b" ".join(f"{number:.6f}".rstrip("0").rstrip(".").encode() or b"0" for number in numbers)


def operator(*matrix: float) -> bytes:
    return written(*matrix) + b" cm"


def turned_about(x: float, y: float, degrees: int) -> bytes:
    """Turns against the page's own turn, about a corner that stays where it is."""
    c, s = round(cos(radians(degrees))), round(sin(radians(degrees)))
    return operator(c, s, -s, c, x - c * x + s * y, y - s * x - c * y)
