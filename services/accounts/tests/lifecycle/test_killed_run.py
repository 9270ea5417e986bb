"""A run over 100,000 accounts is killed with -9, and others run beside it: each account is done once."""

import os
import signal
import time
from datetime import date, timedelta

import pytest
from accounts.lifecycle import actions
from accounts.lifecycle.endpoints import stores_of
from mtnet_chassis.testing.running import start_python

pytestmark = pytest.mark.stack

DAY = date(2027, 3, 1)
MANY = 100_000


@pytest.fixture
def many(rows):
    rows("TRUNCATE account CASCADE")
    rows("TRUNCATE lifecycle_run CASCADE")
    rows("DELETE FROM outbox")
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,"
        " active_on, freeze_on, remind_on, disable_on) SELECT gen_random_uuid(), 'many' || n, '會員',"
        " CASE WHEN n %% 10 > 0 THEN 'active' ELSE 'frozen' END, 'individual', '{member}', 'm@example.com', 'zh-Hant',"
        " now(), %(long_ago)s, %(day)s, CASE WHEN n %% 10 > 1 THEN %(day)s::date + 100 WHEN n %% 10 = 1 THEN"
        " %(day)s END, CASE WHEN n %% 10 = 0 THEN %(day)s ELSE %(day)s::date + 130 END"
        " FROM generate_series(1, %(many)s) AS n",
        {"day": DAY, "long_ago": DAY - timedelta(days=90), "many": MANY},
    )


@pytest.fixture
def started(environment, postgres_dsn):
    """`started()`: a run in a process of its own."""
    processes = []

    def started():
        module, told = "accounts.lifecycle.cli", {**os.environ, **environment, "DATABASE_URL": postgres_dsn}
        words = ("--as-of", DAY.isoformat())
        processes.append(start_python(module, *words, imports=(module,), environment=told))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.wait()


def done_by(rows):
    """Changes in the reports, as the runs counted them, as the accounts are, and as events tell."""
    ((reported,),) = rows("SELECT count(*) FROM lifecycle_change")
    ((counted,),) = rows("SELECT coalesce(sum(frozen + reminded + disabled), 0) FROM lifecycle_run")
    ((changed,),) = rows(
        "SELECT count(*) FILTER (WHERE frozen_at IS NOT NULL) + count(*) FILTER (WHERE reminded_days IS NOT NULL)"
        " + count(*) FILTER (WHERE disabled_at IS NOT NULL) FROM account"
    )
    ((events, different),) = rows("SELECT count(*), count(DISTINCT (name, subject)) FROM outbox")
    assert events == different, "an account was announced twice"
    return {reported, counted, changed, events}


def test_killed_runs_and_two_at_once_do_each_account_once(many, started, rows, transactions, told):
    for _ in range(2):
        before = sum(done_by(rows))
        killed = started()
        while sum(done_by(rows)) == before and killed.poll() is None:
            time.sleep(0.05)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert killed.returncode == -signal.SIGKILL, "it was over before it could be killed"
        (done,) = done_by(rows)
        assert 0 < done < MANY
    beside = [started(), started()]
    actions.run(stores_of(transactions), DAY)
    assert [process.wait() for process in beside] == [0, 0]
    # Nine of ten were active and are frozen; of those one was reminded besides; the frozen tenth is disabled.
    assert done_by(rows) == {MANY * 11 // 10}
    assert rows("SELECT state, count(*) FROM account GROUP BY state ORDER BY state") == [
        ("disabled", MANY // 10),
        ("frozen", MANY * 9 // 10),
    ]
    assert rows("SELECT name, count(*) FROM outbox GROUP BY name ORDER BY name") == [
        ("AccountDisabled", MANY // 10),
        ("AccountFrozen", MANY * 9 // 10),
        ("ReminderDue", MANY // 10),
    ]
    assert actions.run(stores_of(transactions), DAY) == actions.RunResult()
    assert rows("SELECT count(*) FROM lifecycle_run WHERE finished_at IS NULL") == [(2,)]
