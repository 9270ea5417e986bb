"""Messages go 180 days after the last attempt, with deliveries and attempts; contacts two years after submission."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.data import retention
from notify.retention import RULES

pytestmark = pytest.mark.stack


def test_old_messages_go_and_others_stay(transactions):
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        # Written, last tried, and what became of it: of the second, LINE was followed by a mail that is still wanted.
        for written, tried, state in ((179, 179, "delivered"), (400, 181, "failed"), (400, 179, "delivered")):
            message_id = _a_message(tx, now - timedelta(days=written))
            first = _a_delivery(tx, message_id, "line", "failed", now - timedelta(days=written))
            _a_delivery(tx, message_id, "email", state, now - timedelta(days=tried), fallback_from=first)
        _a_delivery(tx, _a_message(tx, now - timedelta(days=400)), "email", "waiting", None)
        for days in (729, 732):
            tx.execute(
                "INSERT INTO application_contact (application_id, case_number, name, email, locale, submission,"
                " heard_at) VALUES (gen_random_uuid(), 'x', 'x', 'x@example.com', 'en', 1, %s)",
                (now - timedelta(days=days),),
            )
    done = {rule.table: number for rule, number in retention.apply(transactions.transaction, RULES, now)}
    assert done == {"attempt": 2, "delivery": 2, "message": 1, "application_contact": 1}


def _a_message(tx, written_at):
    return tx.execute(
        "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
        " category, created_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'receipt', gen_random_uuid(),"
        " 'en', 1, '{}', 'information', %s) RETURNING message_id",
        (written_at,),
    ).fetchone()[0]


def _a_delivery(tx, message_id, channel, state, finished_at, fallback_from=None):
    (delivery_id,) = tx.execute(
        "INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, state, finished_at,"
        " next_attempt_at, fallback_from) VALUES (gen_random_uuid(), %s, %s, 'x@example.com', 1, %s, %s, %s, %s)"
        " RETURNING delivery_id",
        (message_id, channel, state, finished_at, None if finished_at else datetime.now(UTC), fallback_from),
    ).fetchone()
    tx.execute(
        "INSERT INTO attempt (delivery_id, channel, attempt, at, outcome, detail)"
        " VALUES (%s, %s, 1, now(), 'accepted', '250')",
        (delivery_id, channel),
    )
    return delivery_id
