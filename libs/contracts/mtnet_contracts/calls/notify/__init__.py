"""The calls that notify answers, by topic."""

from mtnet_contracts.calls.notify import deliveries

__all__ = ["deliveries"]
