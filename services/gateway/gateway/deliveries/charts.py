"""Charts of figures by day: what was sent, and what failed above it."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.charts import HEIGHT, WIDTH, stacked

__all__ = ["HEIGHT", "WIDTH", "Bar", "bars"]


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
    return [
        Bar(sent.x, sent.width, sent.y, sent.height, failed.y, failed.height)
        for sent, failed in stacked([(day["sent"], day["failed"]) for day in days])
    ]
