"""The calls that notify answers, by topic."""

from mtnet_contracts.calls.notify import (
    broadcasts,
    contact_points,
    deliveries,
    delivery_search,
    line,
    message_centre,
    preferences,
    providers,
    receipts,
    suppressions,
    templates,
    unsubscribing,
    webhooks,
)

__all__ = [
    "broadcasts",
    "contact_points",
    "deliveries",
    "delivery_search",
    "line",
    "message_centre",
    "preferences",
    "providers",
    "receipts",
    "suppressions",
    "templates",
    "unsubscribing",
    "webhooks",
]
