"""The calls that notify answers, by topic."""

from mtnet_contracts.calls.notify import deliveries, suppressions

__all__ = ["deliveries", "suppressions"]
