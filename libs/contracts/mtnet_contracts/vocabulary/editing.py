"""The words of whoever edits what the portal publishes."""

from mtnet_contracts.vocabulary.choices import Role

EDITORS: tuple[Role, ...] = ("editor",)
