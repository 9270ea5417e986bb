"""The relay's reads begin at a low-water mark that never rises above a row that may still come."""

import random
from uuid import uuid4

import psycopg
import pytest
from ledger.events import Paid
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.events.relay import rows as module
from mtnet_chassis.events.relay.rows import OutboxRows
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def rows(postgres_dsn, monkeypatch):
    monkeypatch.setattr(module, "CANDIDATE_SECONDS", 0.0)
    with psycopg.connect(postgres_dsn, autocommit=True) as session:
        session.execute("DELETE FROM outbox")
    rows = OutboxRows(postgres_dsn)
    yield rows
    rows.close()


@pytest.fixture
def connect(postgres_dsn):
    made = []

    def connect():
        made.append(psycopg.connect(postgres_dsn))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def announce(tx):
    Outbox(tx).announce(Paid(account_id=uuid4(), number=1))


def take_all(rows):
    found = [row[0] for row in rows.read([], 1000)]
    rows.delete(found)
    rows.advance_low_water_mark()
    return found


def test_the_low_water_mark_rises_over_what_is_gone(rows, connect):
    tx = connect()
    for _ in range(5):
        announce(tx)
        tx.commit()
        take_all(rows)
    last = tx.execute("SELECT last_value FROM outbox_position_seq").fetchone()[0]
    tx.commit()

    def risen():
        announce(tx)
        tx.commit()
        take_all(rows)
        return rows.low_water_mark >= last

    # Transaction ids are the whole server's: one that another test has open holds the mark down until it ends, and then
    # the mark only rises to where it was seen before. The next row that is sent lifts it over the rest.
    eventually(risen, 120)


def test_a_running_transaction_with_a_higher_id_and_a_lower_position_is_waited_for(rows, connect):
    """A snapshot's xmax does not cover it: that only follows the last transaction that has ended."""
    early, late = connect(), connect()
    early.execute("SELECT pg_current_xact_id()")
    late.execute("SELECT pg_current_xact_id()")
    announce(late)
    announce(early)
    early.commit()
    seen = 0
    for _ in range(5):
        seen += len(take_all(rows))
    assert seen == 1
    late.commit()
    assert len(take_all(rows)) == 1


def test_whatever_the_order_of_commits_nothing_is_passed_over(rows, connect):
    dice = random.Random(7)
    open_transactions = []
    announced = seen = 0
    for _ in range(400):
        match dice.randint(0, 3):
            case 0 if len(open_transactions) < 6:
                tx = connect()
                tx.execute("SELECT pg_current_xact_id()" if dice.random() < 0.5 else "SELECT 1")
                open_transactions.append([tx, 0])
            case 1 if open_transactions:
                each = dice.choice(open_transactions)
                announce(each[0])
                each[1] += 1
            case 2 if open_transactions:
                tx, count = open_transactions.pop(dice.randrange(len(open_transactions)))
                if dice.random() < 0.8:
                    tx.commit()
                    announced += count
                tx.close()
            case _:
                seen += len(take_all(rows))
    for tx, count in open_transactions:
        tx.commit()
        announced += count
    seen += len(take_all(rows))
    assert announced > 50
    assert seen == announced
