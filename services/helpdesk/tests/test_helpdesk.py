"""The service starts, and its tables keep their rules."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SERVICES = ("helpdesk",)


def report(tx, *, channel="phone", severity="high", resolved_at=None):
    tx.execute(
        "INSERT INTO fault_report (fault_id, reported_at, channel, affected_system, severity, description,"
        " resolved_at) VALUES (%s, %s, %s, 'vessels', %s, '無法登入', %s)",
        (uuid4(), NOW, channel, severity, resolved_at),
    )


def test_the_four_ways_in_of_the_handout_are_there_in_order(tx):
    assert tx.execute("SELECT channel, address FROM contact_channel ORDER BY position").fetchall() == [
        ("phone", "0800-022-120"),
        ("email", "service@mtnet.gov.tw"),
        ("fax", "02-8192-7019"),
        ("line", "@737qilqg"),
    ]


def test_a_fault_is_reported_over_a_known_channel(tx):
    report(tx)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        report(tx, channel="pigeon")


def test_a_fault_is_not_resolved_before_it_was_reported(tx):
    with pytest.raises(psycopg.errors.CheckViolation):
        report(tx, resolved_at=NOW - timedelta(seconds=1))


@pytest.mark.stack
def test_the_service_starts_and_says_that_it_is_ready(topology, run_process):
    running = run_process("serve", "helpdesk")
    assert running.get("/healthz")[0] == 200
    assert running.stop() == 0
