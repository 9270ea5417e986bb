"""The portal's events in another system's database, each exactly once in effect, in order per aggregate."""

from mtnet_subscriber.catching_up import CaughtUp
from mtnet_subscriber.event import Event
from mtnet_subscriber.rules import Poison, StreamRefused
from mtnet_subscriber.stores import PostgresStore, SqliteStore
from mtnet_subscriber.subscriber import Subscriber

__all__ = ["CaughtUp", "Event", "Poison", "PostgresStore", "SqliteStore", "StreamRefused", "Subscriber"]
