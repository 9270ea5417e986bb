"""With autocommit each statement is a transaction of its own, and whoever comes next begins one again."""

import pytest
from mtnet_chassis.data.database import connect_transactions

pytestmark = pytest.mark.stack


@pytest.fixture
def alone(postgres_dsn):
    """One connection, which everybody gets in turn."""
    transactions = connect_transactions(postgres_dsn, size=1)
    with transactions.transaction() as tx:
        tx.execute("CREATE TABLE seen (number integer)")
    yield transactions
    with transactions.transaction() as tx:
        tx.execute("DROP TABLE seen")
    transactions.close()


def seen(alone):
    with alone.transaction() as tx:
        return [number for (number,) in tx.execute("SELECT number FROM seen ORDER BY number")]


def fail_after(alone, number, *, begin=False, **how):
    with alone.transaction(**how) as tx:
        if begin:
            tx.execute("BEGIN")
        tx.execute("INSERT INTO seen VALUES (%s)", (number,))
        raise ZeroDivisionError


def test_a_statement_is_committed_when_it_is_done(alone):
    with pytest.raises(ZeroDivisionError):
        fail_after(alone, 1, autocommit=True)
    assert seen(alone) == [1]


def test_the_same_connection_begins_a_transaction_for_whoever_comes_next(alone):
    with alone.transaction(autocommit=True) as tx:
        tx.execute("SELECT 1")
    with pytest.raises(ZeroDivisionError):
        fail_after(alone, 2)
    assert seen(alone) == []


def test_a_connection_that_is_left_in_the_middle_of_something_is_given_up(alone):
    with pytest.raises(ZeroDivisionError):
        fail_after(alone, 3, begin=True, autocommit=True)
    with pytest.raises(ZeroDivisionError):
        fail_after(alone, 4)
    assert seen(alone) == []
