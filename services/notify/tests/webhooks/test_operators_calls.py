"""What operators see of a webhook and do about it, by their calls; each act is told to the audit log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.endpoint import Refused
from notify.webhooks import actions
from notify.webhooks.rules import Answer, result_of
from notify.webhooks.store import WebhookStore

from ..asking import an_owner
from .builders import a_webhook, an_event

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)


@pytest.fixture
def webhook(transactions):
    webhook_id = uuid4()
    kept = a_webhook(webhook_id=webhook_id, name=f"s{webhook_id.hex[:8]}")
    with transactions.transaction() as tx:
        actions.keep(tx, kept, NOW)
    return kept


@pytest.fixture
def happened(transactions, webhook):
    """`happened(event, answer, …)`: taken in, and answered so; without an answer it waits."""

    def happened(event, *answers):
        with transactions.transaction() as tx:
            actions.take_in(tx, webhook, [event], NOW)
            for answer in answers:
                due = {each.event_id: each for each in WebhookStore(tx).due(webhook.webhook_id, NOW, 100)}
                result = result_of(due[event.event_id], answer, NOW - timedelta(days=3), 0.0)
                actions.record(tx, webhook, [result], NOW)
        return event

    return happened


@pytest.fixture
def ask(asking, webhook):
    operator = an_owner(None, "operator")
    return lambda call, key=None, **more: asking(call, of=operator, key=key, name=webhook.name, **more)


@pytest.fixture
def on_record(transactions, webhook):
    """What was told to the audit log of this webhook: what, why."""

    def on_record():
        with transactions.transaction() as tx:
            rows = tx.execute(
                "SELECT payload::jsonb FROM outbox WHERE name = 'OperatorActed' ORDER BY position"
            ).fetchall()
        acts = [(row[0]["action"], {f["name"]: f["value"] for f in row[0]["facts"]}) for row in rows]
        return [(action, facts["reason"]) for action, facts in acts if facts.get("name") == webhook.name]

    return on_record


def refused(ask, call, **asked):
    with pytest.raises(Refused) as refusal:
        ask(call, **asked)
    return refusal.value.code


def test_the_log_is_read_newest_first_page_by_page_and_filtered(ask, happened):
    taken = happened(an_event("account/1"), Answer(200))
    waiting = [happened(an_event(f"account/{n}", event="review.CaseOpened")) for n in range(2, 5)]
    found = ask("webhook_log", limit=3)
    assert [each["event_id"] for each in found["items"]] == [str(e.event_id) for e in waiting[::-1]]
    assert (found["webhook"]["state"], found["webhook"]["waiting"]) == ("active", 3)
    older = ask("webhook_log", limit=3, before=found["next_before"])
    assert [each["event_id"] for each in older["items"]] == [str(taken.event_id)]
    assert older["next_before"] is None
    for asked, expected in (
        ({"state": "delivered"}, [taken]),
        ({"event": "review.CaseOpened", "state": "delivered"}, []),
        ({"event_id": str(waiting[0].event_id)}, waiting[:1]),
    ):
        items = ask("webhook_log", **asked)["items"]
        assert [each["event_id"] for each in items] == [str(e.event_id) for e in expected]


def test_one_event_shows_each_attempt_and_its_personal_data_to_nobody(ask, happened):
    happened(an_event(), Answer(None, "no answer in time", seconds=15.0), Answer(200, body=b"thanks"))
    (line,) = ask("webhook_log")["items"]
    found = ask("webhook_delivery", event_id=line["event_id"])
    assert [(t["status"], t["problem"], t["answer"]) for t in found["tries"]] == [
        (None, "no answer in time", ""), (200, "", "thanks"),
    ]  # fmt: skip
    assert found["body"] is None
    assert found["headers"]["webhook-id"] == found["event_id"]
    assert "webhook-signature" not in found["headers"]
    facts = happened(an_event("case/1", event="review.CaseOpened", body=b'{"case_id": "1"}'))
    assert ask("webhook_delivery", event_id=str(facts.event_id))["body"] == '{"case_id": "1"}'


def test_an_event_is_sent_again_under_its_id_once_for_each_press(ask, happened, on_record):
    event = happened(an_event(), Answer(200))
    again = {"event_id": str(event.event_id), "reason": "asked for"}
    assert ask("send_event_again", key="press", **again) == ask("send_event_again", key="press", **again)
    (line,) = ask("webhook_log")["items"]
    assert (line["state"], line["event_id"]) == ("waiting", str(event.event_id))
    assert refused(ask, "send_event_again", **again) == "STILL_ON_ITS_WAY"
    assert on_record() == [("webhook_event_sent_again", "asked for")]


def test_a_test_event_waits_among_the_others_one_at_a_time(ask, on_record):
    done = ask("test_webhook", reason="a new address")
    (line,) = ask("webhook_log")["items"]
    assert (line["event_id"], line["event"], line["state"]) == (
        done["event_id"],
        "mtnet.WebhookTested",
        "waiting",
    )
    assert refused(ask, "test_webhook", reason="once more") == "STILL_ON_ITS_WAY"
    assert on_record() == [("webhook_tested", "a new address")]


def test_paused_and_let_go_on_each_once(ask, on_record):
    assert ask("pause_webhook", reason="moves")["state"] == "paused"
    found = ask("webhook_log")["webhook"]
    assert (found["state"], found["paused_by"], found["pause_reason"]) == ("paused", "carrier2026", "moves")
    assert refused(ask, "pause_webhook", reason="moves") == "WEBHOOK_PAUSED"
    assert ask("resume_webhook", reason="has moved")["state"] == "active"
    assert refused(ask, "resume_webhook", reason="has moved") == "WEBHOOK_NOT_PAUSED"
    assert on_record() == [("webhook_paused", "moves"), ("webhook_resumed", "has moved")]


def test_one_that_its_receiver_has_stopped_goes_on_by_hand(ask, happened):
    happened(an_event(), Answer(410))
    assert ask("webhook_log")["webhook"]["state"] == "stopped"
    assert ask("resume_webhook", reason="it was a mistake")["state"] == "active"


def test_one_that_is_removed_and_comes_back_begins_anew(ask, happened, transactions, webhook):
    happened(an_event(), Answer(500))
    ask("pause_webhook", reason="moves")
    for hours, state in ((1, "removed"), (2, "active")):
        with transactions.transaction() as tx:
            actions.keep(tx, replace(webhook, state=state, changed_at=NOW + timedelta(hours=hours)), NOW)
    found = ask("webhook_log")["webhook"]
    assert (found["state"], found["failing_since"], found["problem"], found["waiting"]) == (
        "active",
        None,
        "",
        0,
    )


def test_what_is_not_there_is_said(ask, asking, transactions, webhook):
    assert refused(ask, "webhook_delivery", event_id=str(uuid4())) == "DELIVERY_NOT_FOUND"
    assert refused(ask, "send_event_again", event_id=str(uuid4()), reason="x") == "DELIVERY_NOT_FOUND"
    with transactions.transaction() as tx:
        actions.keep(tx, replace(webhook, state="removed"), NOW)
    for call, more in (
        ("webhook_log", {}), ("test_webhook", {"reason": "x"}), ("pause_webhook", {"reason": "x"}),
        ("resume_webhook", {"reason": "x"}), ("send_event_again", {"event_id": str(uuid4()), "reason": "x"}),
    ):  # fmt: skip
        assert refused(ask, call, **more) == "WEBHOOK_NOT_FOUND"


class TestItsOwnerIsToldByMail:
    @pytest.fixture
    def mails(self, transactions, webhook):
        def mails():
            with transactions.transaction() as tx:
                rows = tx.execute(
                    "SELECT details FROM message WHERE subject_id = %s AND kind = 'webhook_trouble'"
                    " ORDER BY created_at",
                    (webhook.webhook_id,),
                ).fetchall()
            return [(row[0]["trouble"], row[0]["problem"]) for row in rows]

        return mails

    def test_once_when_the_receiver_wants_no_more(self, happened, mails):
        happened(an_event("account/1"), Answer(410))
        happened(an_event("account/2"), Answer(410))
        assert mails() == [("gone", "HTTP 410")]

    def test_once_for_each_time_that_nothing_is_taken_for_a_day(self, transactions, webhook, mails):
        def answered(status, at):
            with transactions.transaction() as tx:
                actions.take_in(tx, webhook, [event := an_event(f"account/{uuid4()}")], at)
                due = {each.event_id: each for each in WebhookStore(tx).due(webhook.webhook_id, at, 100)}
                actions.record(tx, webhook, [result_of(due[event.event_id], Answer(status), at, 0.0)], at)

        for hours in (0, 23, 25, 26):
            answered(500, NOW + timedelta(hours=hours))
        assert mails() == [("failing", "HTTP 500")]
        answered(200, NOW + timedelta(hours=27))
        for hours in (28, 53):
            answered(503, NOW + timedelta(hours=hours))
        assert mails() == [("failing", "HTTP 500"), ("failing", "HTTP 503")]
