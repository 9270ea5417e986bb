"""An event that can never be sent is retried or passed over, and what waits for it goes on."""

from uuid import uuid4

import pika
import psycopg
import pytest
from ledger.events import Paid
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.operations.record import Operator
from mtnet_chassis.operations.undeliverable import NoSuchRow, Undeliverable, known_name
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.relaying import drain
from mtnet_contracts.event import event_class
from mtnet_contracts.events import ApplicationWithdrawn

LEDGER = True
OPERATOR = Operator("operator1", "a test")
# A frame takes 64 KiB; nothing but a hand in the table makes a payload larger.
SWELL = "UPDATE outbox SET payload = payload || repeat(' ', 70000) WHERE sequence = 2"


@pytest.fixture
def dead(source_url, wired):
    broker = pika.BlockingConnection(pika.URLParameters(wired.amqp_url))
    session = psycopg.connect(source_url)
    yield Undeliverable("tests", session, broker)
    session.close()
    broker.close()


@pytest.fixture
def account_with_a_dead_event(source_url, wired):
    """Three payments were announced; the second cannot be sent, so the third waits behind it."""
    account_id = uuid4()
    with psycopg.connect(source_url) as tx:
        tx.execute("DELETE FROM outbox_dead")
        Outbox(tx).announce_many([Paid(account_id=account_id, number=n) for n in (1, 2, 3)])
        tx.execute(SWELL)
    send(source_url, wired)
    return account_id


def send(source_url, wired):
    drain(service="tests", dsn=source_url, amqp_url=wired.amqp_url)


def settled(source_url):
    with psycopg.connect(source_url) as tx:
        return tx.execute(
            "SELECT action, who, why, sequence FROM operator_act WHERE kind = 'undeliverable'"
            " ORDER BY acted_at DESC LIMIT 1"
        ).fetchone()


@pytest.mark.stack
def test_discarding_lets_an_ordered_group_go_on_without_the_event(
    dead, account_with_a_dead_event, source_url, wired, run_process, booked
):
    account_id = account_with_a_dead_event
    first, second = dead.list()
    assert (first.sequence, "bytes" in first.reason) == (2, True)
    assert (second.sequence, "behind" in second.reason) == (3, True)
    run_process("serve", "ledger")
    eventually(lambda: booked("ordered", account_id) == [1])
    assert dead.discard(first.id, OPERATOR) == 1
    assert dead.list() == []
    send(source_url, wired)
    eventually(lambda: booked("ordered", account_id) == [1, 3])
    eventually(lambda: sorted(booked("batch", account_id)) == [1, 3])
    assert settled(source_url) == ("discarded", "operator1", "a test", 2)


@pytest.mark.stack
def test_retrying_sends_the_aggregate_in_order_once_the_cause_is_gone(
    dead, account_with_a_dead_event, source_url, wired, run_process, booked
):
    account_id = account_with_a_dead_event
    run_process("serve", "ledger")
    assert dead.retry(dead.list()[0].id, OPERATOR) == 2
    send(source_url, wired)
    assert [row.sequence for row in dead.list()] == [2, 3], "the cause was still there"
    with psycopg.connect(source_url) as tx:
        tx.execute("UPDATE outbox_dead SET payload = trim(payload)")
    assert dead.retry(None, OPERATOR) == 2
    send(source_url, wired)
    eventually(lambda: booked("ordered", account_id) == [1, 2, 3])
    assert settled(source_url) == ("retried", "operator1", "a test", 2)


@pytest.mark.stack
def test_nothing_is_done_without_a_row(dead, account_with_a_dead_event):
    with pytest.raises(NoSuchRow, match="nobody"):
        dead.retry("nobody", OPERATOR)
    with pytest.raises(NoSuchRow, match="nobody"):
        dead.discard("nobody", OPERATOR)
    assert len(dead.list()) == 2


def test_the_number_travels_under_a_name_that_subscribers_are_bound_to():
    assert known_name("accounts", "ApplicationWithdrawn", "application") == "ApplicationWithdrawn"
    unheard = known_name("accounts", "x" * 300, "application")
    assert event_class("accounts", unheard).aggregate == ApplicationWithdrawn.aggregate


def test_an_event_of_an_aggregate_that_nobody_can_know_is_not_sent():
    assert known_name("accounts", "Unheard", "nothing") is None
