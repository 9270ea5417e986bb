"""Events are stored with the change, numbered per aggregate, in the order in which transactions commit."""

import threading
from uuid import uuid4

import psycopg
import pytest
from mtnet_chassis.events.outbox import Outbox, PayloadTooLarge
from mtnet_contracts.events import AccountActivated, ApplicationWithdrawn
from mtnet_contracts.examples import example_of, example_payload

pytestmark = pytest.mark.stack


def withdrawn(application_id=None, **changes):
    payload = example_payload(ApplicationWithdrawn) | changes
    if application_id:
        payload["application_id"] = str(application_id)
    return ApplicationWithdrawn.from_payload(payload)


def rows(tx):
    return tx.execute("SELECT name, aggregate, subject, sequence FROM outbox ORDER BY position").fetchall()


def test_an_announced_event_waits_in_the_outbox(tx):
    event = withdrawn()
    Outbox(tx).announce(event)
    assert rows(tx) == [("ApplicationWithdrawn", "application", event.aggregate_id, 1)]


def test_events_of_one_aggregate_are_numbered_without_gaps(tx):
    one, other = uuid4(), uuid4()
    Outbox(tx).announce_many([withdrawn(one), withdrawn(other), withdrawn(one)])
    Outbox(tx).announce(withdrawn(one))
    assert [(subject, sequence) for _, _, subject, sequence in rows(tx)] == [
        (str(one), 1),
        (str(other), 1),
        (str(one), 2),
        (str(one), 3),
    ]


def test_different_kinds_of_aggregates_are_numbered_apart(tx):
    Outbox(tx).announce_many([withdrawn(), example_of(AccountActivated)])
    assert [sequence for *_, sequence in rows(tx)] == [1, 1]


def test_announcing_nothing_does_nothing(tx):
    Outbox(tx).announce_many([])
    assert rows(tx) == []


def test_an_event_over_64_kib_is_refused(tx):
    with pytest.raises(PayloadTooLarge):
        Outbox(tx).announce(withdrawn(case_number="x" * 70_000))


def test_a_rolled_back_change_announces_nothing_and_leaves_no_gap(database_url):
    subject = uuid4()
    with psycopg.connect(database_url) as connection:
        Outbox(connection).announce(withdrawn(subject))
        connection.rollback()
        Outbox(connection).announce(withdrawn(subject))
        assert [r[3] for r in rows(connection) if r[2] == str(subject)] == [1]


def test_a_second_transaction_on_the_same_aggregate_waits_and_comes_after(database_url):
    subject = uuid4()
    first = psycopg.connect(database_url)
    Outbox(first).announce(withdrawn(subject, case_number="first"))
    entered = threading.Event()

    def second():
        with psycopg.connect(database_url) as connection:
            entered.set()
            Outbox(connection).announce(withdrawn(subject, case_number="second"))

    thread = threading.Thread(target=second)
    thread.start()
    entered.wait(5)
    thread.join(0.3)
    assert thread.is_alive(), "the second announcement did not wait for the first to commit"
    first.commit()
    thread.join(5)
    found = first.execute(
        "SELECT sequence, payload::json ->> 'case_number' FROM outbox WHERE subject = %s ORDER BY position",
        (str(subject),),
    ).fetchall()
    first.close()
    assert found == [(1, "first"), (2, "second")]
