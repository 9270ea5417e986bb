"""Events as the portal sends them, and a subscriber that applies them."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from mtnet_chassis.testing.downstream import Announced
from mtnet_subscriber import PostgresStore, SqliteStore, Subscriber
from mtnet_subscriber.event import message_of

EVENTS = (("accounts", "AccountActivated"), ("accounts", "AccountFrozen"))


@dataclass
class Sent:
    """An event of an account. `wish` tells the handler what to do: fail_once, fail, poison."""

    account: str
    number: int
    name: str = "AccountActivated"
    wish: str = ""
    id: UUID = field(default_factory=uuid4)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def announced(self):
        return Announced(
            self.name,
            self.account,
            self.number,
            {"account_id": self.account, "wish": self.wish},
            event_id=self.id,
            occurred_at=self.occurred_at,
        )

    @property
    def headers(self):
        return self.announced.headers

    @property
    def message(self):
        return message_of(self.headers, self.announced.body)

    @property
    def row(self):
        return (str(self.id), f"accounts/account/{self.account}", self.number)


def many(count):
    """Events of seven accounts of both kinds, in the order of each account."""
    return [
        Sent(f"a{n % 7}", n // 7 + 1, "AccountFrozen" if n // 7 % 3 == 1 else "AccountActivated")
        for n in range(count)
    ]


def send(portal, *events):
    portal.send(*(each.announced for each in events))


def effects(store):
    """What was applied, in the order in which it was."""
    return [tuple(row) for row in store.rows("SELECT event_id, stream, sequence FROM effect ORDER BY place")]


def assert_once_in_order(store, events):
    found = effects(store)
    assert sorted(found) == sorted(each.row for each in events)
    for stream in {row[1] for row in found}:
        numbers = [sequence for _, of, sequence in found if of == stream]
        assert numbers == sorted(numbers)


def store_at(place):
    return PostgresStore(place) if place.startswith("postgres") else SqliteStore(place)


class Running:
    """A subscriber in a thread of this process."""

    def __init__(self, portal, place, **options):
        mark = "%s" if place.startswith("postgres") else "?"
        self.insert = f"INSERT INTO effect (event_id, stream, sequence) VALUES ({mark}, {mark}, {mark})"
        self.subscriber = Subscriber(
            options.pop("url", portal.url), system=portal.name, store=store_at(place), **options
        )
        self.bad = set()
        for source, name in EVENTS:
            self.subscriber.on(source, name)(self.handle)
        self.thread = threading.Thread(target=self.subscriber.run)

    def handle(self, event, db):
        db.execute(self.insert, (str(event.id), event.stream, event.sequence))
        if event.id in self.bad:
            raise RuntimeError("as wished")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.subscriber.stop()
        self.thread.join(40)
        assert not self.thread.is_alive()
