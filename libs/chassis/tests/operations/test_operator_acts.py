"""Migration 0011 carries the records before it over into the one that took their place."""

from pathlib import Path

import psycopg
import pytest
from mtnet_chassis.data import migrations
from mtnet_chassis.testing.pytest_plugin import create_database, drop_database, url_of

pytestmark = pytest.mark.stack


def test_what_operators_did_before_is_in_the_record(postgres_url, tmp_path, monkeypatch):
    for file in Path(migrations.CHASSIS_MIGRATIONS).glob("*.sql"):
        if file.name < "0011":
            (tmp_path / file.name).write_text(file.read_text())
    name = create_database(postgres_url)
    dsn = url_of(postgres_url, name)
    try:
        with monkeypatch.context() as before:
            before.setattr(migrations, "CHASSIS_MIGRATIONS", tmp_path)
            migrations.migrate(dsn)
        with psycopg.connect(dsn) as tx:
            tx.execute(
                "INSERT INTO outbox_settled (who, why, action, event_id, name, aggregate, subject, sequence, reason)"
                " VALUES ('operator1', 'a test', 'requeued', gen_random_uuid(), 'Paid', 'account', 'a', 2, 'too large')"
            )
            tx.execute(
                "INSERT INTO stream_begun VALUES (now(), 'operator2', 'young', 'ledger.all', 'tests/account/a', 3)"
            )
        assert migrations.migrate(dsn) == ["0011_operator_acts"]
        with psycopg.connect(dsn) as tx:
            assert tx.execute(
                "SELECT who, why, action, kind, stream, sequence FROM operator_act ORDER BY who"
            ).fetchall() == [
                ("operator1", "a test", "retried", "undeliverable", "account/a", 2),
                ("operator2", "young", "begun", "out-of-order", "tests/account/a", 4),
            ]
    finally:
        drop_database(postgres_url, name)
