"""What the tests of inbound share: the store, a reader of items, and what became of them."""

import json
from datetime import UTC, datetime, timedelta

import pika
import pytest
from helpdesk.inbound.actions import Understander
from helpdesk.inbound.keeping import Raw, keep
from helpdesk.inbound.reading import key_of
from helpdesk.inbound.rules import Channel, OurAddresses
from helpdesk.inbound.understanding import Reader
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.envelope import headers_for
from mtnet_chassis.testing.dovecot import dovecot, dovecot_server
from mtnet_chassis.testing.emptying import emptying

__all__ = ["dovecot", "dovecot_server"]

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
OURS = OurAddresses(
    desk=frozenset({"service@mtnet.example"}),
    fax=frozenset({"fax@mtnet.example"}),
    fax_gateways=frozenset({"fax.example"}),
    senders=frozenset({"no-reply@mtnet.example"}),
)
EVERYTHING = "inbound_item, ticket, entry, attachment, requester, requester_address, outbox, outbox_sequence"


class Clock:
    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at

    def passes(self, **time):
        self.at += timedelta(**time)


class Intake:
    """`take_in(mail, …)` keeps and understands; `rows(sql)` asks what became of it."""

    def __init__(self, transactions, files, scanner=None):
        self.clock = Clock(NOW)
        self.database, self.files = transactions, files
        self.reader = Reader(files, scanner, OURS, self.clock)
        self.understander = Understander(transactions, self.reader, self.clock)

    def keep(self, *mails, channel=Channel.EMAIL):
        raws = [Raw(channel, key_of(each), each, self.clock()) for each in mails]
        return keep(self.database, self.files, raws, self.clock())

    def understand(self):
        while self.understander.work():
            pass

    def take_in(self, *mails):
        self.keep(*mails)
        self.understand()

    def rows(self, sql, *values):
        with self.database.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    def entries(self):
        """Channel, address, text, whether a program wrote it; in order."""
        return self.rows("SELECT channel, address, text, automatic FROM entry ORDER BY sequence")

    def files_of(self):
        """Name, type, why it is held back, and pages of every attachment."""
        return self.rows(
            "SELECT filename, media_type, held_back, pages FROM attachment JOIN entry USING (entry_id)"
            " ORDER BY sequence, position"
        )

    def problems(self):
        """Of all entries."""
        return [
            code for (codes,) in self.rows("SELECT problems FROM entry ORDER BY sequence") for code in codes
        ]

    def states(self):
        return [state for (state,) in self.rows("SELECT state FROM inbound_item ORDER BY sequence")]


@pytest.fixture
def files(tmp_path):
    return Files((tmp_path / "store").as_uri())


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute(emptying("inbound_item", "ticket", "requester", "requester_address", "outbox"))
    return transactions


@pytest.fixture
def desk(empty, files):
    return Intake(empty, files)


@pytest.fixture
def publish(topology):
    """`publish(event)`, as the relay of its service does."""
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()

    def publish(event):
        headers = headers_for(
            event_id=event.event_id,
            source=event.source,
            name=event.event_name(),
            aggregate=event.aggregate,
            subject=event.aggregate_id,
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent=None,
        )
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json", headers=headers)
        body = json.dumps(event.to_payload()).encode()
        channel.basic_publish(f"{event.source}.events", event.event_name(), body, properties)

    yield publish
    connection.close()
