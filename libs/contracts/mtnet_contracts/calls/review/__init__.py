"""The calls that review answers, by topic."""

from mtnet_contracts.calls.review import cases, snapshots

__all__ = ["cases", "snapshots"]
