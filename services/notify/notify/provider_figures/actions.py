"""How the providers are, and how much went out by each channel."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mtnet_contracts.calls.notify.providers import DELAYS
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.dates import taipei_day

from notify.provider_figures.rules import days_until, lines

if TYPE_CHECKING:
    from notify.provider_figures.store import ProviderFigureStore


def providers(store: ProviderFigureStore, days: int, now: datetime) -> dict[str, Any]:
    """Every channel, also one that nothing was sent by."""
    shown = days_until(taipei_day(now), days)
    sums = store.sums_since(shown[0])
    return {"items": lines(list(CHANNELS), store.health(), sums, shown, len(DELAYS) + 1)}
