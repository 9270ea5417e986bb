"""Rows whose time is over go, in batches; all others stay as they are."""

from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.data import retention
from mtnet_chassis.data.retention import CHASSIS_RULES, LOCK, Rule, apply, counts

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
GUESTS = Rule(
    table="guest",
    holds="names",
    kept="a day",
    because="a test",
    expired="left_at < %(now)s - interval '1 day'",
)
NAMELESS = Rule(
    table="guest",
    holds="names",
    kept="names an hour",
    because="a test",
    expired="left_at < %(now)s - interval '1 hour' AND name IS NOT NULL",
    erase="name = NULL",
)


@pytest.fixture
def database(transactions):
    """Guests who left 0, 2, 4 … hours ago."""
    with transactions.transaction() as tx:
        tx.execute("CREATE TABLE IF NOT EXISTS guest (name text, left_at timestamptz)")
        tx.execute("TRUNCATE guest")
        tx.execute(
            "INSERT INTO guest SELECT 'guest ' || hours, %s - make_interval(hours => hours)"
            " FROM generate_series(0, 48, 2) AS hours",
            (NOW,),
        )
    return transactions


def guests(database):
    with database.transaction() as tx:
        return tx.execute("SELECT count(*), count(name), max(%s - left_at) FROM guest", (NOW,)).fetchone()


@pytest.mark.parametrize("batch", [1, 5, 1000])
def test_what_is_over_is_removed_in_batches_of_any_size(database, monkeypatch, batch):
    monkeypatch.setattr(retention, "BATCH", batch)
    assert apply(database.transaction, [GUESTS], NOW) == [(GUESTS, 12)]
    # Exactly a day ago is not over yet.
    assert guests(database) == (13, 13, timedelta(days=1))
    assert apply(database.transaction, [GUESTS], NOW) == []


def test_erased_rows_stay_without_what_is_personal(database):
    assert apply(database.transaction, [NAMELESS], NOW) == [(NAMELESS, 24)]
    assert guests(database) == (25, 1, timedelta(days=2))


def test_counting_changes_nothing(database):
    with database.transaction() as tx:
        found = counts(tx, [GUESTS, NAMELESS, Rule(table="guest", kept="for ever", because="a test")], NOW)
    assert [(each.rows, each.expired) for each in found] == [(25, 12), (25, 24), (25, 0)]
    assert guests(database)[:2] == (25, 25)


def test_a_rule_may_remove_more_than_the_row(database):
    files = ["guest 48", "guest 46", "guest 44"]

    def remove(tx, now, most):
        gone = files[:2]
        del files[:2]
        return len(gone)

    rule = Rule(table="guest", kept="", because="", expired="true", remove=remove)
    assert apply(database.transaction, [rule], NOW) == [(rule, 3)]
    assert files == []


def test_while_another_process_applies_the_rules_this_one_leaves_them_to_it(database):
    with database.transaction() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        assert apply(database.transaction, [GUESTS], NOW) == []
    assert apply(database.transaction, [GUESTS], NOW) == [(GUESTS, 12)]


def test_the_chassis_forgets_replies_attempts_and_the_messages_of_old_acts(transactions):
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        tx.execute(
            "INSERT INTO idempotency_key"
            " SELECT 'anyone', 'book', days::text, '', '{}', %s - make_interval(days => days)"
            " FROM unnest(ARRAY[0, 6, 8]) AS days",
            (now,),
        )
        tx.execute(
            "INSERT INTO begun_attempt SELECT 'review.cases', gen_random_uuid(), days, %s - make_interval(days => days)"
            " FROM unnest(ARRAY[0, 29, 31]) AS days",
            (now,),
        )
        tx.execute(
            "INSERT INTO operator_act (acted_at, who, why, action, kind, place, body)"
            " SELECT %s - make_interval(days => days), 'operator1', days::text, 'retried', 'unrouted', 'x.events', ''"
            " FROM unnest(ARRAY[0, 89, 91]) AS days",
            (now,),
        )
    done = apply(transactions.transaction, CHASSIS_RULES, now)
    assert {rule.table: number for rule, number in done} == {
        "idempotency_key": 1,
        "begun_attempt": 1,
        "operator_act": 1,
    }
    with transactions.transaction() as tx:
        kept = tx.execute("SELECT why, body IS NULL FROM operator_act ORDER BY acted_at DESC").fetchall()
        assert kept == [("0", False), ("89", False), ("91", True)]
        assert tx.execute("SELECT array_agg(key ORDER BY key) FROM idempotency_key").fetchone() == (
            ["0", "6"],
        )
        assert tx.execute("SELECT array_agg(times ORDER BY times) FROM begun_attempt").fetchone() == (
            [0, 29],
        )
