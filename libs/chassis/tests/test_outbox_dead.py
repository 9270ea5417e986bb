"""An event that can never be sent is requeued or passed over, and what waits for it goes on."""

from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from ledger.events import Paid
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.events.relay import drain
from mtnet_chassis.operations.outbox_dead import DeadRow, NoSuchRow, OutboxDead, bearer_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import event_class
from mtnet_contracts.events import ApplicationWithdrawn

LEDGER = True
WHO = {"who": "operator1", "reason": "a test"}
# A frame takes 64 KiB; nothing but a hand in the table makes a payload larger.
SWELL = "UPDATE outbox SET payload = payload || repeat(' ', 70000) WHERE sequence = 2"


@pytest.fixture
def dead(source_url):
    dead = OutboxDead("tests", source_url)
    yield dead
    dead.close()


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
            "SELECT action, who, why, sequence FROM outbox_settled ORDER BY settled_at DESC LIMIT 1"
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
    assert dead.discard(first.position, wired.amqp_url, **WHO) == 1
    assert dead.list() == ()
    send(source_url, wired)
    eventually(lambda: booked("ordered", account_id) == [1, 3])
    eventually(lambda: sorted(booked("batch", account_id)) == [1, 3])
    assert settled(source_url) == ("discarded", "operator1", "a test", 2)


@pytest.mark.stack
def test_requeueing_sends_the_aggregate_in_order_once_the_cause_is_gone(
    dead, account_with_a_dead_event, source_url, wired, run_process, booked
):
    account_id = account_with_a_dead_event
    run_process("serve", "ledger")
    position = dead.list()[0].position
    assert dead.requeue(position, **WHO) == 2
    send(source_url, wired)
    assert [row.sequence for row in dead.list()] == [2, 3], "the cause was still there"
    with psycopg.connect(source_url) as tx:
        tx.execute("UPDATE outbox_dead SET payload = trim(payload)")
    assert dead.requeue(dead.list()[0].position, **WHO) == 2
    send(source_url, wired)
    eventually(lambda: booked("ordered", account_id) == [1, 2, 3])
    assert settled(source_url) == ("requeued", "operator1", "a test", 2)


@pytest.mark.stack
def test_nothing_is_done_without_a_name_a_reason_and_a_row(dead, account_with_a_dead_event, wired):
    position = dead.list()[0].position
    with pytest.raises(ValueError, match="--who"):
        dead.requeue(position, who="", reason="a test")
    with pytest.raises(ValueError, match="--reason"):
        dead.discard(position, wired.amqp_url, who="operator1", reason=" ")
    with pytest.raises(NoSuchRow, match="position 0"):
        dead.requeue(0, **WHO)
    assert len(dead.list()) == 2


def test_the_number_travels_under_a_name_that_subscribers_are_bound_to():
    known = DeadRow(
        1, uuid4(), "ApplicationWithdrawn", "application", "some", 1, None, None, "not json", "a test"
    )
    assert bearer_of("accounts", known) == "ApplicationWithdrawn"
    unheard = bearer_of("accounts", replace(known, name="x" * 300))
    assert event_class("accounts", unheard).aggregate == ApplicationWithdrawn.aggregate


def test_an_event_of_an_aggregate_that_nobody_can_know_is_not_sent():
    row = DeadRow(1, uuid4(), "Unheard", "nothing", "some", 1, None, None, "{}", "a test")
    assert bearer_of("accounts", row) is None
