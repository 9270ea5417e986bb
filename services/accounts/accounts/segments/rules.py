"""What belongs together in a segment."""

from __future__ import annotations

from collections.abc import Sequence


def without_repeats(names: Sequence[str]) -> dict[str, str]:
    """Each name once, as it was typed first, by its small letters: capitals make no other name."""
    found: dict[str, str] = {}
    for name in names:
        if name:
            found.setdefault(name.lower(), name)
    return found
