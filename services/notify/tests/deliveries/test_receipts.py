"""What a provider tells later: every state and every receipt, in any order, twice, early and late."""

from dataclasses import replace
from datetime import time, timedelta
from itertools import permutations, product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import TAIPEI
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar
from notify.channels.rules import Accepted, Failure, RetryPolicy, Window
from notify.deliveries.actions import erase_worthless_secrets, record_receipt
from notify.deliveries.rules import (
    NEXT_STATES,
    AwaitedDelivery,
    Receipt,
    ReceiptOutcome,
    State,
    TooEarly,
    after_receipt,
    next_attempt,
)
from notify.deliveries.store import DeliveryStore
from notify.templates.rules import Kind

from ..builders import NOW, seconds
from .senders import Provider, a_message, a_sender, the_delivery

SERVICES = ("notify",)
DELIVERED, RETRY, FAILED = ReceiptOutcome
FAX = RetryPolicy(delays=tuple(timedelta(minutes=each) for each in (5, 15, 60)), most_deferrals=3, jitter=0.0)


def an_awaited_delivery(**changes):
    awaited = AwaitedDelivery(
        delivery_id=uuid4(),
        message_id=uuid4(),
        channel="email",
        recipient="clerk@example.com",
        kind="application_returned",
        subject_id=uuid4(),
        priority=5,
        state=State.SENT,
        is_leased=False,
        attempts=1,
        attempt=1,
        deferrals=0,
        deferred_since=None,
        due_at=NOW,
        expires_at=None,
    )
    return replace(awaited, **changes)


def a_receipt(outcome, **changes):
    failure = Failure.RECIPIENT_REFUSED if outcome is FAILED else None
    return replace(Receipt("email", outcome, provider_ref="ref-1", failure=failure), **changes)


EXPECTED = {
    # (state, receipt) -> the next state; None: nothing changes
    (State.WAITING, DELIVERED): State.DELIVERED,
    (State.WAITING, RETRY): None,
    (State.WAITING, FAILED): State.FAILED,
    (State.SENT, DELIVERED): State.DELIVERED,
    (State.SENT, RETRY): State.WAITING,
    (State.SENT, FAILED): State.FAILED,
    (State.DELIVERED, DELIVERED): None,
    (State.DELIVERED, RETRY): None,
    (State.DELIVERED, FAILED): State.FAILED,
    (State.FAILED, DELIVERED): State.DELIVERED,
    (State.FAILED, RETRY): None,
    (State.FAILED, FAILED): None,
    (State.CANCELLED, DELIVERED): None,
    (State.CANCELLED, RETRY): None,
    (State.CANCELLED, FAILED): None,
}


class TestRules:
    def test_the_table_names_every_state_and_every_receipt(self):
        assert EXPECTED.keys() == set(product(State, ReceiptOutcome))

    @pytest.mark.parametrize(("state", "outcome"), list(product(State, ReceiptOutcome)))
    def test_every_state_and_every_receipt(self, state, outcome):
        change = after_receipt(an_awaited_delivery(state=state), a_receipt(outcome), NOW, 0, FAX)
        expected = EXPECTED[state, outcome]
        assert (change and change.state) == expected
        if expected:
            assert expected in NEXT_STATES[state]
            assert (change.next_attempt_at is not None) == (expected is State.WAITING)
            assert (change.failure is not None) == (expected is State.FAILED)

    @pytest.mark.parametrize("outcome", [RETRY, FAILED])
    def test_a_late_receipt_of_an_attempt_that_another_has_replaced_changes_nothing(self, outcome):
        for changes in ({"attempts": 2}, {"is_leased": True, "state": State.WAITING}):
            assert after_receipt(an_awaited_delivery(**changes), a_receipt(outcome), NOW, 0, FAX) is None

    def test_that_an_earlier_attempt_arrived_after_all_counts(self):
        change = after_receipt(an_awaited_delivery(attempts=2), a_receipt(DELIVERED), NOW, 0, FAX)
        assert change.state is State.DELIVERED

    @pytest.mark.parametrize("outcome", [RETRY, FAILED])
    def test_one_that_overtakes_the_record_comes_again(self, outcome):
        leased = an_awaited_delivery(state=State.WAITING, is_leased=True, attempt=None)
        with pytest.raises(TooEarly):
            after_receipt(leased, a_receipt(outcome), NOW, 0, FAX)
        assert after_receipt(leased, a_receipt(DELIVERED), NOW, 0, FAX).state is State.DELIVERED

    def test_a_busy_line_is_tried_again_as_the_channel_says_and_then_given_up(self):
        delivery, waits = an_awaited_delivery(), []
        while True:
            change = after_receipt(delivery, a_receipt(RETRY), NOW, 0, FAX)
            if change.state is State.FAILED:
                break
            waits.append((change.next_attempt_at - NOW).total_seconds() / 60)
            delivery = replace(delivery, deferrals=change.deferrals, deferred_since=change.deferred_since)
        assert (waits, change.failure) == ([5, 15, 60], Failure.GAVE_UP)

    @pytest.mark.parametrize("named", [{}, {"provider_ref": "x"}])
    def test_a_receipt_names_its_delivery_and_its_reason(self, named):
        with pytest.raises(ValueError, match="receipt"):
            Receipt("email", FAILED, **named)


OFFICE = Window(time(8, 30), time(17, 30), OfficeCalendar())


@given(st.datetimes(timezones=st.just(NOW.tzinfo), min_value=NOW.replace(tzinfo=None, year=2020)))
def test_an_office_is_open_from_monday_to_friday_and_opens_next_at_half_past_eight(moment):
    opens = OFFICE.next_open(moment)
    local = opens.astimezone(TAIPEI)
    assert local.weekday() < 5
    assert time(8, 30) <= local.time() < time(17, 30)
    assert opens == moment or (opens > moment and local.time() == time(8, 30))
    assert OFFICE.next_open(opens) == opens, "and then it is open"
    assert opens - moment < timedelta(days=3)


def test_a_retry_waits_for_the_hours_of_its_channel():
    policy = replace(FAX, window=OFFICE)
    friday_at_17_25 = NOW.replace(day=27, hour=9, minute=25, second=0)
    monday_at_8_30 = NOW.replace(day=30, hour=0, minute=30, second=0)
    assert next_attempt(1, friday_at_17_25, friday_at_17_25, None, 0, policy) == monday_at_8_30


class TestRecorded:
    STATE = "SELECT state, attempts, failure, pages FROM delivery WHERE delivery_id = %s"
    RECEIPTS = "SELECT attempt, outcome, receipt, receipt_detail FROM attempt WHERE delivery_id = %s"

    @pytest.fixture
    def sent(self, write, sender, provider):
        """A message that the provider took under the name `ref-1`, and will tell more about."""
        message = write(a_message())
        provider.send = lambda _: Accepted("250 queued", provider_ref="ref-1", final=False)
        sender.send_due()
        return the_delivery(message)

    @pytest.fixture
    def receive(self, empty):
        def receive(outcome, at=NOW, **changes):
            with empty.transaction() as tx:
                return record_receipt(tx, a_receipt(outcome, **changes), at, lambda: 0.0)

        return receive

    def test_what_a_provider_will_tell_more_about_is_sent_and_not_announced(self, sent, rows):
        assert rows(self.STATE, sent) == [("sent", 1, None, None)]
        assert rows("SELECT count(*) FROM outbox") == [(0,)]

    def test_it_arrived_and_is_announced_once_however_often_it_is_told(self, sent, receive, rows):
        assert [receive(DELIVERED, detail="ok", pages=2) for _ in range(3)] == [True] * 3
        assert rows(self.STATE, sent) == [("delivered", 1, None, 2)]
        assert rows(self.RECEIPTS, sent) == [(1, "accepted", "delivered", "ok")]
        assert rows("SELECT name FROM outbox") == [("MessageDelivered",)]

    def test_it_failed_after_all(self, sent, receive, rows):
        receive(DELIVERED)
        assert receive(FAILED, detail="550 5.1.1")
        assert rows(self.STATE, sent) == [("failed", 1, "RECIPIENT_REFUSED", None)]
        assert rows("SELECT name FROM outbox ORDER BY sequence") == [
            ("MessageDelivered",),
            ("MessageFailed",),
        ]

    def test_one_that_is_to_be_tried_again_is_sent_again_and_old_receipts_change_nothing(
        self,
        sent,
        receive,
        sender,
        provider,
        clock,
        rows,
    ):
        assert receive(RETRY, detail="busy")
        assert rows(self.STATE, sent)[0][:2] == ("waiting", 1)
        clock.now += seconds(5)
        provider.send = lambda _: Accepted("250 queued", provider_ref="ref-2", final=False)
        assert sender.send_due() == 1
        assert receive(RETRY, detail="busy")
        assert receive(FAILED)
        assert rows(self.STATE, sent)[0][:2] == ("sent", 2)
        assert receive(DELIVERED, provider_ref="ref-2")
        assert rows(self.STATE, sent)[0][:2] == ("delivered", 2)

    def test_a_secret_stays_while_a_retry_may_need_it_and_no_longer_than_it_is_worth_something(
        self, write, sender, provider, rows, empty, sealed
    ):
        account_id, secret = uuid4(), "SELECT sealed_secret IS NOT NULL FROM message"
        write(
            a_message(
                Kind.ACTIVATION_LINK,
                sealed_secret=sealed("tok", account_id),
                secret_context=str(account_id),
                expires_at=NOW + seconds(60),
            )
        )
        provider.send = lambda _: Accepted("250 queued", provider_ref="ref-1", final=False)
        sender.send_due()
        for at, kept in ((59, True), (60, False)):
            with empty.transaction() as tx:
                erase_worthless_secrets(DeliveryStore(tx), NOW + seconds(at))
            assert rows(secret) == [(kept,)]

    def test_an_unknown_one_is_to_be_sent_again(self, empty, receive):
        assert not receive(DELIVERED)
        assert not receive(DELIVERED, provider_ref=None, delivery_id=uuid4())

    @pytest.mark.parametrize("order", list(permutations([DELIVERED, RETRY, FAILED])))
    def test_whatever_the_order_a_delivery_ends_in_a_state_that_can_be_explained(
        self,
        sent,
        receive,
        rows,
        order,
    ):
        for outcome in (*order, *order):
            assert receive(outcome)
        state = rows(self.STATE, sent)[0][0]
        assert state in ("delivered", "failed")

    def test_of_an_attempt_whose_sender_died_before_the_record_it_makes_a_record_and_no_second_mail(
        self,
        empty,
        write,
        clock,
        unsealing_key,
        receive,
        rows,
        sender,
    ):
        message = write(a_message())
        dead = a_sender(empty, clock, Provider(), unsealing_key)
        dead.recorder.keep = dead.recorder.flush = lambda *_: None
        dead.send_due()
        delivery_id = the_delivery(message)
        assert not receive(FAILED, provider_ref=None, delivery_id=delivery_id), "its sender may still record"
        assert receive(DELIVERED, provider_ref=None, delivery_id=delivery_id)
        assert rows(self.STATE, delivery_id) == [("delivered", 1, None, None)]
        assert rows(self.RECEIPTS, delivery_id) == [(1, "accepted", "delivered", "")]
        assert sender.send_due() == 0
