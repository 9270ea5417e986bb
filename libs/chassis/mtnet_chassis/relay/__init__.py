"""The relay: sends what the outbox holds, in order, and deletes what the broker has confirmed."""

from mtnet_chassis.relay.relay import Relay, drain

__all__ = ["Relay", "drain"]
