"""Notify as processes that are killed, doubled and cut off from their database: every mail once, and in time."""

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from signal import SIGSTOP, SIGTERM
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import ApplicationSubmitted, VerificationCodeRequested
from mtnet_contracts.examples import example_of
from notify.deliveries.actions import DeliveryQueue
from notify.deliveries.rules import NewDelivery
from notify.deliveries.threads import LOOK_AGAIN
from notify.messages.store import MessageStore
from notify.routing.rules import Planned

from .senders import a_message

SERVICES = ("notify",)
pytestmark = pytest.mark.stack

WAITING = "SELECT count(*) FROM delivery WHERE state = 'waiting'"
LEASED = "SELECT count(*) FROM delivery WHERE sender_id IS NOT NULL"


@pytest.fixture
def count(transactions):
    def count(sql):
        with transactions.transaction() as tx:
            return tx.execute(sql).fetchone()[0]

    with transactions.transaction() as tx:
        tx.execute("TRUNCATE message, delivery, attempt, provider, delivery_count, outbox, inbox")
    return count


@pytest.fixture
def submit(publish):
    """`submit(60)`: so many receipts to so many people."""

    def submit(number):
        example = example_of(ApplicationSubmitted)
        for each in range(number):
            applicant = replace(example.applicant, email=f"clerk{each}@example.com")
            publish(replace(example, event_id=new_event_id(), application_id=uuid4(), applicant=applicant))

    return submit


@pytest.fixture
def ask_for_code(publish, sealed):
    def ask_for_code(recipient, channel="email"):
        challenge_id = uuid4()
        publish(
            replace(
                example_of(VerificationCodeRequested),
                event_id=new_event_id(),
                channel=channel,
                recipient=recipient,
                challenge_id=challenge_id,
                sealed_code=sealed("482913", challenge_id),
                expires_at=datetime.now(UTC) + timedelta(minutes=10),
            )
        )

    return ask_for_code


def message_ids(mailbox):
    return Counter(mail["Message-ID"] for _, mail in mailbox.received)


def test_a_code_that_a_killed_process_held_goes_out_when_it_is_started_again(
    start, ask_for_code, mailbox, count
):
    """Long before its ten minutes are over."""
    process = start()
    mailbox.seconds = 3600
    ask_for_code("clerk@example.com")
    eventually(lambda: count(LEASED) == 1)
    process.kill()
    mailbox.seconds = 0
    start()
    eventually(lambda: len(mailbox.received) == 1, seconds=30)
    eventually(lambda: count(WAITING) == 0)


def test_another_process_takes_over_what_a_killed_one_held(start, ask_for_code, mailbox, count):
    first = start()
    mailbox.seconds = 3600
    ask_for_code("clerk@example.com")
    eventually(lambda: count(LEASED) == 1)
    second = start()
    first.kill()
    mailbox.seconds = 0
    eventually(lambda: len(mailbox.received) == 1, seconds=30)
    assert "deliveries of a dead sender released" in second.log


def test_two_processes_send_sixty_mails_once_each(start, submit, mailbox, count):
    mailbox.seconds = 0.02
    start()
    start()
    submit(60)
    eventually(lambda: len(mailbox.received) >= 60, seconds=60)
    eventually(lambda: count(WAITING) == 0)
    assert len(message_ids(mailbox)) == len(mailbox.received) == 60


def test_a_database_that_ends_every_session_again_and_again_doubles_nothing(
    start, submit, mailbox, count, transactions
):
    mailbox.seconds = 0.05
    start()
    start()
    submit(60)
    eventually(lambda: len(mailbox.received) >= 5, seconds=60)
    for _ in range(3):
        before = len(mailbox.received)
        with transactions.transaction() as tx:
            tx.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        eventually(lambda before=before: len(mailbox.received) > min(before + 3, 59), seconds=60)
    # Some events may still wait for the database while nothing waits to be sent.
    eventually(lambda: len(mailbox.received) >= 60, seconds=90)
    eventually(lambda: count(WAITING) == 0, seconds=90)
    assert set(message_ids(mailbox).values()) == {1}
    assert len(mailbox.received) == 60


def test_what_another_process_queues_is_sent_at_once(start, mailbox, count, transactions):
    """The database wakes this one: it would look by itself after five seconds only."""
    start()
    waited = []
    for number in range(5):
        message = a_message(recipient=f"clerk{number}@example.com")
        time.sleep(0.3)
        with transactions.transaction() as tx:
            MessageStore(tx).add_messages([(message, Planned(()))], {message.kind: 3}, datetime.now(UTC))
            new = NewDelivery(message.message_id, *message.named[0], 5)
            DeliveryQueue(tx).add([new], datetime.now(UTC))
        began = time.monotonic()
        eventually(lambda number=number: len(mailbox.received) == number + 1)
        waited.append(time.monotonic() - began)
    assert sorted(waited)[2] < LOOK_AGAIN.total_seconds() / 2, waited


def test_codes_go_past_mails_that_a_slow_server_takes_its_time_for(
    start, submit, ask_for_code, mailbox, count
):
    mailbox.seconds = 2
    start()
    submit(40)
    eventually(lambda: count(LEASED) >= 4)
    ask_for_code("waits@example.com")
    eventually(
        lambda: any(recipients == ["waits@example.com"] for recipients, _ in mailbox.received), seconds=30
    )
    assert count(WAITING) > 20
    mailbox.seconds = 0
    eventually(lambda: count(WAITING) == 0, seconds=60)


def test_a_process_that_is_asked_to_stop_finishes_its_mail_and_releases_the_rest(
    start, submit, mailbox, count
):
    mailbox.seconds = 0.3
    process = start()
    submit(40)
    eventually(lambda: len(mailbox.received) >= 2, seconds=30)
    process.send(SIGTERM)
    assert process.wait() == 0
    assert count(LEASED) == 0
    delivered = count("SELECT count(*) FROM delivery WHERE state = 'delivered'")
    assert delivered == len(mailbox.received) == len(message_ids(mailbox))


def test_a_frozen_process_is_given_up(start, submit, ask_for_code, mailbox, count):
    """PostgreSQL ends its session after 20 s of silence."""
    frozen = start()
    mailbox.seconds = 3600
    ask_for_code("clerk@example.com")
    eventually(lambda: count(LEASED) == 1)
    frozen.send(SIGSTOP)
    mailbox.seconds = 0
    start()
    eventually(lambda: len(mailbox.received) == 1, seconds=60)
    frozen.kill()


def test_an_outage_is_seen_in_the_metrics_and_over_when_the_server_is_repaired(
    start, ask_for_code, mailbox, count
):
    process = start()
    mailbox.answers["MAIL"] = "530 5.7.0 Authentication required"
    ask_for_code("clerk@example.com")
    away = 'mtnet_provider_away{channel="email"} '
    eventually(lambda: away + "1.0" in process.get("/metrics")[1])
    tries = 'mtnet_messages_total{channel="email",outcome="unavailable"}'
    eventually(lambda: tries in process.get("/metrics")[1])
    mailbox.answers.clear()
    eventually(lambda: len(mailbox.received) == 1, seconds=60)
    eventually(lambda: away + "0.0" in process.get("/metrics")[1])
    assert count("SELECT count(*) FROM delivery WHERE state = 'failed'") == 0
