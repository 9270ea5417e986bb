"""What nobody can ask for any more is forgotten, and nothing else."""

import pytest
from mtnet_chassis.runtime.housekeeping import forget

pytestmark = pytest.mark.stack


def test_old_events_and_old_keys_are_forgotten(tx):
    tx.execute(
        "INSERT INTO inbox SELECT handler, (now() AT TIME ZONE 'UTC')::date - days, gen_random_uuid()"
        " FROM unnest(ARRAY[0, 30, 31, 400]) AS days, unnest(ARRAY['review.cases', 'other.group']) AS handler"
    )
    tx.execute(
        "INSERT INTO idempotency_key SELECT 'anyone', 'book', days::text, '', '{}', now() - make_interval(days => days)"
        " FROM unnest(ARRAY[0, 6, 8]) AS days"
    )
    assert forget(tx, ["review.cases"]) == (2, 1)
    assert forget(tx, ["review.cases"]) == (0, 0)
    assert tx.execute("SELECT count(*) FROM inbox WHERE handler = 'other.group'").fetchone() == (4,)


def test_attempts_of_events_that_never_came_again_are_forgotten(tx):
    tx.execute(
        "INSERT INTO begun_attempt SELECT 'review.cases', gen_random_uuid(), days, now() - make_interval(days => days)"
        " FROM unnest(ARRAY[0, 29, 31]) AS days"
    )
    forget(tx, ["review.cases"])
    assert tx.execute("SELECT array_agg(times ORDER BY times) FROM begun_attempt").fetchone() == ([0, 29],)


def test_what_operators_did_is_kept_without_the_messages(tx):
    tx.execute(
        "INSERT INTO operator_act (acted_at, who, why, action, kind, place, body)"
        " SELECT now() - make_interval(days => days), 'operator1', days::text, 'retried', 'unrouted', 'some.events', ''"
        " FROM unnest(ARRAY[0, 89, 91]) AS days"
    )
    forget(tx, ["review.cases"])
    kept = tx.execute("SELECT why, body IS NULL FROM operator_act ORDER BY acted_at DESC").fetchall()
    assert kept == [("0", False), ("89", False), ("91", True)]
