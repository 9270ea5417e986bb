"""A decided case goes five years after its last entry, with all its parts; open ones and younger ones stay."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.data import retention
from review.retention import RULES

pytestmark = pytest.mark.stack

PARTS = ("submission", "case_stage", "case_entry", "review_case")


def count_of(tx):
    return [tx.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in PARTS]


@pytest.mark.parametrize(
    ("state", "last_entry", "goes"),
    [
        ("approved", timedelta(days=5 * 366), True),
        ("rejected", timedelta(days=5 * 366), True),
        ("withdrawn", timedelta(days=5 * 366), True),
        ("approved", timedelta(days=5 * 365 - 1), False),
        ("returned", timedelta(days=5 * 366), False),
        ("open", timedelta(days=5 * 366), False),
    ],
)
def test_a_case_stays_as_long_as_its_rule_says(transactions, state, last_entry, goes):
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE review_case CASCADE")
        tx.execute(
            "INSERT INTO review_case (application_id, case_number, identity_type, account_name, person_key,"
            " applicant_name, route_id, stage, stages, unit, state, version, submission, submitted_at, waiting_since,"
            " due_on, search_text) VALUES (md5('case')::uuid, 'PTAPPLYX', 'company', 'x', 'x', 'x', 1, 1, 1, 'north',"
            " %s, 1, 1, %s, %s, current_date, '')",
            (state, now - timedelta(days=6 * 366), now),
        )
        tx.execute(
            "INSERT INTO submission (application_id, submission, submitted_at, account_name, person_key,"
            " masked_id_number, applicant_name, answers, duplicates)"
            " VALUES (md5('case')::uuid, 1, now(), 'x', 'x', 'x', 'x', '{}', '[]')"
        )
        tx.execute("INSERT INTO case_stage VALUES (md5('case')::uuid, 1, 'north', 3)")
        tx.execute(
            "INSERT INTO case_entry (application_id, at, action, submission)"
            " SELECT md5('case')::uuid, at, 'noted', 1 FROM unnest(%s::timestamptz[]) AS at",
            ([now - timedelta(days=6 * 366), now - last_entry],),
        )
    retention.apply(transactions.transaction, RULES, now)
    with transactions.transaction() as tx:
        assert count_of(tx) == ([0, 0, 0, 0] if goes else [1, 1, 2, 1])
