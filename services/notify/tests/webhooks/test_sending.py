"""Rounds of one webhook on a real database: order of a subject, what is recorded, what stops it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from notify.providers.rules import RateLimit
from notify.webhooks import actions
from notify.webhooks.rules import MOST_KEPT, Answer
from notify.webhooks.sending import WebhookSender
from notify.webhooks.store import WebhookStore

from .builders import SECRET, a_webhook, an_event

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def on(self, **time):
        self.now += timedelta(**time)


class Told:
    """A receiver that answers what a test says: by event id, else 200."""

    def __init__(self):
        self.answers, self.posted, self.closed = {}, [], 0

    def post(self, due, secrets):
        self.posted.append((due.event_id, list(secrets)))
        answer = self.answers.get(due.event_id, self.answers.get("all", 200))
        return answer if isinstance(answer, Answer) else Answer(answer)

    def close(self):
        self.closed += 1

    @property
    def ids(self):
        return [event_id for event_id, _ in self.posted]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def webhook(transactions, sealed):
    webhook_id = uuid4()
    kept = a_webhook(
        webhook_id=webhook_id,
        name=f"s{webhook_id.hex[:8]}",
        secrets=[{"number": 1, "sealed": sealed(SECRET, webhook_id), "ends_at": None}],
    )
    with transactions.transaction() as tx:
        actions.keep(tx, kept, NOW)
    return kept


@pytest.fixture
def sender(transactions, unsealing_key, webhook, told, clock):
    return WebhookSender(
        webhook.webhook_id,
        transactions.transaction,
        unsealing_key,
        RateLimit(100_000),
        lambda _url: told,
        clock,
        jitter=lambda: 0.0,
    )


@pytest.fixture
def take_in(transactions, webhook, clock):
    def take_in(*events):
        with transactions.transaction() as tx:
            return actions.take_in(tx, webhook, events, clock())

    return take_in


@pytest.fixture
def rows(transactions, webhook):
    def rows(sql="SELECT state FROM webhook_delivery WHERE webhook_id = %s ORDER BY number"):
        with transactions.transaction() as tx:
            return tx.execute(sql, (webhook.webhook_id,)).fetchall()

    return rows


def until_nothing_is_due(sender):
    while sender.send_due():
        pass


def test_events_are_sent_once_each_signed_by_the_opened_secret(sender, take_in, told, rows):
    events = [an_event(f"account/{n}") for n in range(5)]
    assert take_in(*events) == 5
    assert take_in(*events[:3]) == 0, "what the broker delivers again is known"
    until_nothing_is_due(sender)
    assert sorted(told.ids) == sorted(each.event_id for each in events)
    assert {tuple(secrets) for _, secrets in told.posted} == {(SECRET,)}
    assert rows() == [("delivered",)] * 5


def test_a_subject_keeps_its_order_while_one_of_its_events_is_tried_again(sender, take_in, told, clock):
    first, second, other = an_event(), an_event(), an_event("account/8")
    take_in(first, second, other)
    told.answers[first.event_id] = 500
    until_nothing_is_due(sender)
    assert set(told.ids) == {first.event_id, other.event_id}
    clock.on(seconds=5)
    until_nothing_is_due(sender)
    assert second.event_id not in told.ids
    told.answers.clear()
    clock.on(seconds=10)
    until_nothing_is_due(sender)
    assert told.ids.index(second.event_id) > len(told.ids) - 2
    assert told.ids.count(first.event_id) == 3


def test_an_event_that_was_given_up_lets_the_next_of_its_subject_go(sender, take_in, told, clock, rows):
    first, second = an_event(), an_event()
    take_in(first, second)
    told.answers[first.event_id] = 422
    for _ in range(60):
        until_nothing_is_due(sender)
        clock.on(hours=2)
    assert rows() == [("failed",), ("delivered",)]


def test_a_receiver_that_is_away_is_asked_with_one_event_and_gets_all_when_it_is_back(
    sender, take_in, told, clock, rows
):
    take_in(*[an_event(f"account/{n}") for n in range(20)])
    told.answers["all"] = Answer(None, "connection refused")
    until_nothing_is_due(sender)
    tried = len(told.posted)
    assert tried <= 4
    assert sender.next_look_at == clock() + timedelta(seconds=1)
    clock.on(seconds=2)
    until_nothing_is_due(sender)
    assert len(told.posted) == tried + 1
    ((since, problem),) = rows("SELECT failing_since, problem FROM webhook WHERE webhook_id = %s")
    assert (since, problem) == (NOW, "connection refused")
    told.answers.clear()
    for _ in range(5):
        clock.on(seconds=30)
        until_nothing_is_due(sender)
    assert rows() == [("delivered",)] * 20
    assert rows("SELECT failing_since, problem FROM webhook WHERE webhook_id = %s") == [(None, "")]


def test_a_mistake_of_ours_does_not_pelt_the_receiver(sender, take_in, told, clock, rows, monkeypatch):
    """Nothing is recorded of such an attempt, so the event stays due."""
    take_in(an_event("account/1"))
    with monkeypatch.context() as broken:
        broken.setattr("notify.webhooks.sending.result_of", lambda *_: 1 / 0)
        until_nothing_is_due(sender)
        assert len(told.posted) == 1
        until_nothing_is_due(sender)
        assert len(told.posted) == 1
        assert sender.next_look_at == clock() + timedelta(seconds=1)
    clock.on(seconds=2)
    until_nothing_is_due(sender)
    assert (len(told.posted), rows()) == (2, [("delivered",)])


def test_gone_stops_it_and_nothing_is_lost(sender, take_in, told, clock, rows, transactions, webhook):
    take_in(an_event(), an_event("account/8"))
    told.answers["all"] = 410
    until_nothing_is_due(sender)
    asked = len(told.posted)
    clock.on(days=5)
    until_nothing_is_due(sender)
    assert len(told.posted) == asked
    assert rows() == [("waiting",)] * 2
    # The owner gives another address: it goes on.
    told.answers.clear()
    changed = a_webhook(
        **{name: getattr(webhook, name) for name in ("webhook_id", "name", "secrets")},
        url="https://ships.example.com/elsewhere",
        changed_at=clock(),
    )
    with transactions.transaction() as tx:
        actions.keep(tx, changed, clock())
    until_nothing_is_due(sender)
    assert rows() == [("delivered",)] * 2
    assert told.closed, "connections to the former address are not used any more"


def test_what_was_answered_is_on_record(sender, take_in, told, clock, rows):
    event = an_event()
    take_in(event)
    told.answers[event.event_id] = Answer(500, "", b"no\0 table", seconds=0.25)
    sender.send_due()
    told.answers.clear()
    clock.on(seconds=6)
    sender.send_due()
    found = rows(
        "SELECT attempt, at, status, answer, seconds FROM webhook_attempt WHERE webhook_id = %s ORDER BY attempt"
    )
    assert found == [
        (1, NOW, 500, "no\ufffd table", 0.25),
        (2, NOW + timedelta(seconds=6), 200, "", 0.0),
    ]


def test_what_was_answered_is_recorded_when_the_database_is_back(sender, take_in, told, rows, transactions):
    take_in(an_event())
    real, broken = sender.transaction, iter([False, True])

    @contextmanager
    def transaction():
        if next(broken, False):
            raise psycopg.OperationalError("away")
        with real() as tx:
            yield tx

    sender.transaction = transaction
    with pytest.raises(psycopg.OperationalError):
        sender.send_due()
    assert rows() == [("waiting",)]
    until_nothing_is_due(sender)
    assert rows() == [("delivered",)]
    assert len(told.posted) == 1, "it is not sent again"


@pytest.mark.parametrize("state", ["suspended", "removed"])
def test_who_is_suspended_or_removed_is_sent_nothing(
    state, sender, take_in, told, rows, transactions, webhook, clock
):
    take_in(an_event())
    gone = a_webhook(webhook_id=webhook.webhook_id, name=webhook.name, state=state, changed_at=clock())
    with transactions.transaction() as tx:
        actions.keep(tx, gone, clock())
        assert webhook.webhook_id not in WebhookStore(tx).active()
    assert sender.send_due() == 0
    assert told.posted == []
    assert rows() == [("failed",) if state == "removed" else ("waiting",)]


def test_what_accounts_told_earlier_changes_nothing(transactions, webhook, clock):
    early = a_webhook(
        webhook_id=webhook.webhook_id, name=webhook.name, url="https://old.example.com/",
        changed_at=webhook.changed_at - timedelta(seconds=1),
    )  # fmt: skip
    with transactions.transaction() as tx:
        actions.keep(tx, early, clock())
        assert WebhookStore(tx).webhook(webhook.webhook_id).url == webhook.url


def test_a_secret_that_cannot_be_opened_sends_nothing_unsigned(sender, take_in, told, transactions, webhook):
    take_in(an_event())
    with transactions.transaction() as tx:
        tx.execute(
            'UPDATE webhook SET secrets = \'[{"number": 1, "sealed": "bm8=", "ends_at": null}]\''
            " WHERE webhook_id = %s",
            (webhook.webhook_id,),
        )
    assert sender.send_due() == 0
    assert told.posted == []


def test_of_what_has_ended_the_newest_are_kept(transactions, webhook, rows):
    with transactions.transaction() as tx:
        tx.execute(
            "INSERT INTO webhook_delivery (webhook_id, event_id, event, subject, attributes, body, state,"
            " next_attempt_at, received_at, finished_at)"
            " SELECT %s, gen_random_uuid(), 'e', n::text, '{}', '', 'delivered', now(), now(), now()"
            " FROM generate_series(1, %s) n",
            (webhook.webhook_id, MOST_KEPT + 7),
        )
        assert WebhookStore(tx).forget_beyond([webhook.webhook_id]) == 7
        assert WebhookStore(tx).forget_beyond([webhook.webhook_id]) == 0
