"""The relay: sends what is in the outbox, in order, and deletes what the broker has confirmed."""

from mtnet_chassis.events.relay.measuring import Measuring
from mtnet_chassis.events.relay.relay import Relay

__all__ = ["Measuring", "Relay"]
