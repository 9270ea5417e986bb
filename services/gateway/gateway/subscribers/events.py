"""The events that may be granted, as the contracts describe them."""

from __future__ import annotations

from functools import cache

from mtnet_contracts.described import DescribedEvent, described


@cache
def events_by_source() -> dict[str, list[DescribedEvent]]:
    """Those that any system may get, by the service that announces them."""
    found: dict[str, list[DescribedEvent]] = {}
    for event in described():
        if event.holds != "secrets":
            found.setdefault(event.source, []).append(event)
    return found
