"""The calls that content answers, by topic."""

from mtnet_contracts.calls.content import pages

__all__ = ["pages"]
