"""When the last way of a message fails, another is queued in the same transaction; the dead address is announced."""

import json
from dataclasses import replace
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.rules import Accepted, Failure, Outage, Refusal
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import EMAIL, FAX, LINE, account
from notify.deliveries.actions import record_outcomes, record_receipt
from notify.deliveries.rules import Outcome, Receipt, ReceiptOutcome, State
from notify.deliveries.store import DeliveryStore
from notify.preferences import actions as preferences
from notify.templates.rules import Kind

from ..builders import NOW, seconds
from .senders import Provider, a_message, a_sender

SERVICES = ("notify",)
MAIL, FAX_NUMBER, CHAT = "a@example.com", "+886281927019", "U" + "1" * 32
WAYS = (
    "SELECT d.channel, d.state, d.failure, f.channel FROM delivery d LEFT JOIN delivery f"
    " ON f.delivery_id = d.fallback_from WHERE d.message_id = %s ORDER BY d.channel"
)
BLOCKED = Refusal(Failure.BLOCKED, "400 blocked")
BOUNCED = Refusal(Failure.BOUNCED, "5.1.1")


@pytest.fixture
def person(empty):
    """Whose decisions go to LINE, and who has a mail address and a fax number besides."""
    with empty.transaction() as tx:
        tx.execute("TRUNCATE contact_point, preference")
        owner = account(uuid4())
        contact_points.keep_points(tx, owner, ((EMAIL, MAIL), (FAX, FAX_NUMBER)), NOW)
        contact_points.add_verified(tx, owner, LINE, CHAT, NOW)
        preferences.choose(tx, owner, {Category.REMINDER: frozenset({LINE})}, NOW)
    return owner


@pytest.fixture
def written(write, person):
    """`written(kind)`: a message to this person, with the addresses that routing finds."""
    return lambda kind=Kind.REMINDER_DUE: write(
        a_message(kind, person=person, subject_id=person.id, recipient=MAIL)
    )


@pytest.fixture
def failing(empty, clock, unsealing_key):
    """`failing(channel, refusal)`: a sender of this channel whose provider refuses everything."""

    def failing(channel, refusal):
        provider = Provider()
        provider.failures = [refusal] * 9
        return a_sender(empty, clock, provider, unsealing_key, channel)

    return failing


def test_who_blocked_us_is_written_to_by_mail_and_then_by_fax_and_then_it_ends(
    written, failing, rows, person
):
    message = written()
    assert rows(WAYS, message.message_id) == [("line", "waiting", None, None)]
    assert failing(LINE, BLOCKED).send_due() == 1
    assert rows(WAYS, message.message_id) == [
        ("email", "waiting", None, "line"),
        ("line", "failed", "BLOCKED", None),
    ]
    assert failing(EMAIL, BOUNCED).send_due() == 1
    assert ("fax", "waiting", None, "email") in rows(WAYS, message.message_id)
    rows("UPDATE delivery SET next_attempt_at = %s WHERE channel = 'fax' RETURNING 1", NOW)
    failing(FAX, Refusal(Failure.RECIPIENT_REFUSED, "no fax")).send_due()
    assert len(rows(WAYS, message.message_id)) == 3
    told = [json.loads(payload) for (payload,) in rows(
        "SELECT payload FROM outbox WHERE name = 'ContactUnreachable' ORDER BY sequence"
    )]  # fmt: skip
    assert [(each["channel"], each["reason"], each["person_id"]) for each in told] == [
        ("line", "BLOCKED", str(person.id)),
        ("email", "BOUNCED", str(person.id)),
        ("fax", "RECIPIENT_REFUSED", str(person.id)),
    ]
    assert MAIL not in str(told)


def test_the_next_message_takes_the_other_way_at_once(written, failing, rows):
    written()
    failing(LINE, BLOCKED).send_due()
    assert rows(WAYS, written().message_id) == [("email", "waiting", None, None)]


def test_what_is_on_its_way_elsewhere_takes_no_other_way(written, failing, rows, empty, person):
    with empty.transaction() as tx:
        preferences.choose(tx, person, {Category.LEGAL: frozenset({LINE})}, NOW)
    message = written(Kind.APPLICATION_RETURNED)
    failing(LINE, BLOCKED).send_due()
    assert rows(WAYS, message.message_id) == [
        ("email", "waiting", None, None),
        ("line", "failed", "BLOCKED", None),
    ]


def test_an_outage_or_a_quota_says_nothing_about_the_address(written, failing, rows, empty, person, clock):
    written()
    failing(LINE, Outage("503")).send_due()
    assert rows("SELECT count(*) FROM delivery") == [(1,)]
    with empty.transaction() as tx:
        tx.execute("UPDATE delivery SET next_attempt_at = %s", (NOW,))
    clock.now += seconds(30)
    failing(LINE, Refusal(Failure.QUOTA, "429")).send_due()
    assert rows("SELECT channel, state FROM delivery ORDER BY 1") == [
        ("email", "waiting"),
        ("line", "failed"),
    ]
    assert rows("SELECT name FROM outbox WHERE name = 'ContactUnreachable'") == []
    with empty.transaction() as tx:
        assert contact_points.of(tx, person, LINE).reachable


def test_a_mail_that_comes_back_days_later_is_sent_by_fax(written, empty, clock, unsealing_key, rows, person):
    with empty.transaction() as tx:
        preferences.choose(tx, person, {Category.REMINDER: frozenset({EMAIL})}, NOW)
    message = written()
    provider = Provider()
    provider.send = lambda _: Accepted("250", provider_ref="m-1", final=True)
    a_sender(empty, clock, provider, unsealing_key).send_due()
    assert rows(WAYS, message.message_id) == [("email", "delivered", None, None)]
    bounce = Receipt("email", ReceiptOutcome.FAILED, provider_ref="m-1", failure=Failure.BOUNCED)
    with empty.transaction() as tx:
        assert record_receipt(tx, bounce, NOW + seconds(9))
    assert rows(WAYS, message.message_id) == [
        ("email", "failed", "BOUNCED", None),
        ("fax", "waiting", None, "email"),
    ]


def test_two_ways_that_fail_at_the_same_moment_leave_no_message_without_one(
    written, empty, rows, person, clock
):
    """Each transaction alone would see the other way alive."""
    with empty.transaction() as tx:
        preferences.choose(tx, person, {Category.LEGAL: frozenset({LINE})}, NOW)
    message = written(Kind.APPLICATION_RETURNED)
    held = []
    for channel in (EMAIL, LINE):
        with empty.transaction() as tx:
            held += DeliveryStore(tx).lease_due(channel, NOW, 9, uuid4())
    assert len(held) == 2
    together = Barrier(2)

    def fail(delivery):
        with empty.transaction() as tx:
            outcome = Outcome(delivery, NOW, "failed", "", state=State.FAILED, failure=Failure.BOUNCED)
            together.wait(5)
            record_outcomes(tx, [outcome])

    threads = [Thread(target=fail, args=(each,)) for each in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [way[:2] for way in rows(WAYS, message.message_id)] == [
        ("email", "failed"), ("fax", "waiting"), ("line", "failed"),
    ]  # fmt: skip


def test_a_message_to_nobody_says_why(write, rows, person, empty):
    with empty.transaction() as tx:
        preferences.choose(tx, person, {Category.REMINDER: frozenset()}, NOW)
    message = write(a_message(Kind.REMINDER_DUE, person=person, subject_id=person.id))
    assert rows("SELECT no_delivery_reason FROM message WHERE message_id = %s", message.message_id) == [
        ("SWITCHED_OFF",)
    ]
    assert rows(WAYS, message.message_id) == []


def test_what_was_written_with_several_ways_is_not_written_again(written, write, rows):
    message = written(Kind.APPLICATION_RETURNED)
    write(message)
    assert len(rows(WAYS, message.message_id)) == 1


def test_the_secret_is_erased_by_the_later_of_two_ways_that_end_at_the_same_moment(
    write, empty, rows, sealed
):
    account_id = uuid4()
    message = a_message(
        Kind.CONTACT_CHANGED,
        sealed_secret=sealed("undo-it", account_id),
        secret_context=str(account_id),
        expires_at=NOW + seconds(3600),
    )
    write(replace(message, named=((EMAIL, MAIL), ("sms", "+886912345678"))))
    held = []
    for channel in (EMAIL, "sms"):
        with empty.transaction() as tx:
            held += DeliveryStore(tx).lease_due(channel, NOW, 9, uuid4())
    with empty.transaction() as first:
        record_outcomes(first, [Outcome(held[0], NOW, "accepted", "250", state=State.DELIVERED)])
        second = Thread(target=_deliver, args=(empty, held[1]))
        second.start()
        eventually(lambda: rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    second.join()
    assert rows("SELECT sealed_secret FROM message") == [(None,)]


def _deliver(transactions, delivery):
    with transactions.transaction() as tx:
        record_outcomes(tx, [Outcome(delivery, NOW, "accepted", "202", state=State.DELIVERED)])
