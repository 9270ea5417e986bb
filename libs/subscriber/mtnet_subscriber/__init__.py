"""The portal's events in another system's database, each exactly once in effect, in order per aggregate."""

from mtnet_subscriber.event import Event
from mtnet_subscriber.rules import Poison, StreamRefused
from mtnet_subscriber.stores import PostgresStore, SqliteStore
from mtnet_subscriber.subscriber import Subscriber

__all__ = ["Event", "Poison", "PostgresStore", "SqliteStore", "StreamRefused", "Subscriber"]
