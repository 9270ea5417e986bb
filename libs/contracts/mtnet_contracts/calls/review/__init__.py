"""The calls that review answers, by topic."""

from mtnet_contracts.calls.review import cases

__all__ = ["cases"]
