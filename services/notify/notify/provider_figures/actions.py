"""How the providers are, and how much went out by each channel; an operator stops one and lets it go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mtnet_contracts.calls.notify.providers import DELAYS
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.dates import taipei_day

from notify.channels.registry import channel_plans
from notify.provider_figures.rules import days_until, hours_of, lines, quota_of
from notify.settings import ChannelSettings

if TYPE_CHECKING:
    from notify.provider_figures.store import ProviderFigureStore


def providers(
    store: ProviderFigureStore, channels: Mapping[str, ChannelSettings], days: int, now: datetime
) -> dict[str, Any]:
    """Every channel, also one that nothing was sent by."""
    today = taipei_day(now)
    shown = days_until(today, days)
    health, hours = store.health(), store.hours_since(now - timedelta(days=1))
    found = lines(list(CHANNELS), health, store.sums_since(shown[0]), shown, len(DELAYS) + 1)
    for line in found:
        channel = line["channel"]
        known = health[channel].known if channel in health else {}
        plan, told = channel_plans()[channel], channels[channel]
        line |= {
            "per_second": told.per_second,
            "companies": [asdict(each) for each in plan.companies(told.values, known, now)]
            if plan.companies
            else [],
            "quota": quota_of(known),
            "hours": hours_of(today, hours, channel),
        }
    return {"items": found}
