"""Messages go after a year, with deliveries and attempts; contacts two years after they were submitted."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.data import retention
from notify.retention import RULES

pytestmark = pytest.mark.stack


def test_old_messages_go_and_others_stay(transactions):
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        for days in (364, 367):
            (message_id,) = tx.execute(
                "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
                " category, created_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'receipt', gen_random_uuid(),"
                " 'en', 1, '{}', 'information', %s) RETURNING message_id",
                (now - timedelta(days=days),),
            ).fetchone()
            tx.execute(
                "INSERT INTO delivery (delivery_id, message_id, channel, recipient, priority, state)"
                " VALUES (%s, %s, 'email', 'x@example.com', 1, 'delivered')",
                (message_id, message_id),
            )
            tx.execute(
                "INSERT INTO attempt (delivery_id, channel, attempt, at, outcome, detail)"
                " VALUES (%s, 'email', 1, now(), 'accepted', '250')",
                (message_id,),
            )
        for days in (729, 732):
            tx.execute(
                "INSERT INTO application_contact (application_id, case_number, name, email, locale, submission,"
                " heard_at) VALUES (gen_random_uuid(), 'x', 'x', 'x@example.com', 'en', 1, %s)",
                (now - timedelta(days=days),),
            )
    done = {rule.table: number for rule, number in retention.apply(transactions.transaction, RULES, now)}
    assert done == {"attempt": 1, "delivery": 1, "message": 1, "application_contact": 1}
