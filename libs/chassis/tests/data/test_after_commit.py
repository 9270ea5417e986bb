"""What is to happen after a commit happens then, and never without one."""

import pytest

pytestmark = pytest.mark.stack


def test_it_is_called_once_the_others_can_see_the_change(transactions):
    seen = []
    with transactions.transaction() as tx:
        tx.execute("CREATE TABLE committed (id integer)")

        def look():
            with transactions.transaction() as other:
                seen.append(other.execute("SELECT to_regclass('committed') IS NOT NULL").fetchone()[0])

        transactions.after_commit(tx, look)
        assert seen == []
    assert seen == [True]
    with transactions.transaction() as tx:
        tx.execute("DROP TABLE committed")
    assert seen == [True], "of its own transaction only"


def test_it_is_forgotten_when_the_transaction_fails(transactions):
    called = []

    def fail():
        with transactions.transaction() as tx:
            transactions.after_commit(tx, lambda: called.append(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transactions.transaction():
        pass
    assert called == []
