"""Finds the channels: each line of the vocabulary's registry has a folder here, with a CHANNEL in its adapters.py."""

from importlib import import_module

from mtnet_contracts.vocabulary.channels import CHANNELS

from notify.channels.rules import ChannelPlan


def channel_plans() -> dict[str, ChannelPlan]:
    """The plan of every registered channel, by its name. Raises ModuleNotFoundError for a line without a folder."""
    return {name: import_module(f"notify.channels.{name}.adapters").CHANNEL for name in CHANNELS}
