"""Charts of figures by day: bars of an inline SVG, beside a table that says the same."""

from __future__ import annotations

from typing import Any, NamedTuple

WIDTH, HEIGHT = 560, 120


class Bar(NamedTuple):
    """A day: what was sent from the ground up, what failed above it; in units of the SVG."""

    x: float
    width: float
    sent_y: float
    sent_height: float
    failed_y: float
    failed_height: float


def bars(days: list[dict[str, Any]]) -> list[Bar]:
    """As high as the largest day; a day with anything in it can be seen."""
    most = max((day["sent"] + day["failed"] for day in days), default=0) or 1
    step = WIDTH / max(len(days), 1)
    found = []
    for number, day in enumerate(days):
        sent, failed = (_height(day[name], most) for name in ("sent", "failed"))
        found.append(
            Bar(
                x=round(number * step + step * 0.1, 1),
                width=round(step * 0.8, 1),
                sent_y=round(HEIGHT - sent, 1),
                sent_height=sent,
                failed_y=round(HEIGHT - sent - failed, 1),
                failed_height=failed,
            )
        )
    return found


def _height(count: int, most: int) -> float:
    return round(max(2.0, (HEIGHT - 4) * count / most), 1) if count else 0.0
