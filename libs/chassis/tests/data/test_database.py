"""Waiting for the database never stops the other green threads."""

import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from mtnet_chassis.data import database
from mtnet_chassis.data.database import connect_transactions, database_is_away

from tests.chaos.proxy import Proxy

pytestmark = pytest.mark.stack

# A green thread ticks every 10 ms while four others wait 0.3 s each for the database.
TICKER = """
import eventlet
eventlet.monkey_patch()
{setting}
import sys, time
from mtnet_chassis.data.database import connect_transactions, require_cooperative_wait
{check}
transactions = connect_transactions(sys.argv[1], 4)
with transactions.transaction() as tx:
    tx.execute("SELECT 1")
gaps, last = [], time.monotonic()
def tick():
    global last
    while True:
        eventlet.sleep(0.01)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
def wait():
    with transactions.transaction() as tx:
        tx.execute("SELECT pg_sleep(0.3)")
eventlet.spawn(tick)
for each in [eventlet.spawn(wait) for _ in range(4)]:
    each.wait()
print(max(gaps))
transactions.close()
"""


def longest_gap(dsn, setting="", check="require_cooperative_wait()"):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TICKER.format(setting=setting, check=check), dsn],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def test_green_threads_go_on_while_others_wait_for_the_database(postgres_dsn):
    assert longest_gap(postgres_dsn) < 0.2


def test_with_psycopgs_own_wait_function_everything_would_stop(postgres_dsn):
    setting = "import os; os.environ['PSYCOPG_WAIT_FUNC'] = 'wait_c'"
    assert longest_gap(postgres_dsn, setting, check="") > 0.25


def test_a_process_with_the_wrong_wait_function_does_not_start(postgres_dsn):
    with pytest.raises(AssertionError, match="WaitNotCooperative"):
        longest_gap(postgres_dsn, "import os; os.environ['PSYCOPG_WAIT_FUNC'] = 'wait_c'")


def unplugged_within(transactions, proxy):
    with transactions.transaction() as tx:
        proxy.unplug()
        tx.execute("SELECT 1")


def test_a_statement_sent_into_a_dead_network_ends(postgres_dsn, monkeypatch):
    """Nothing is refused and nothing acknowledged, so only our own patience can tell. The system's own ends after a
    quarter of an hour, and so would this test."""
    monkeypatch.setattr(database, "SILENT_MILLISECONDS", 3_000)
    parts = urlsplit(postgres_dsn)
    proxy = Proxy(parts.hostname, parts.port)
    place = parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{proxy.port}"
    transactions = connect_transactions(urlunsplit(parts._replace(netloc=place)), size=1)
    try:
        with pytest.raises(psycopg.OperationalError) as told:
            unplugged_within(transactions, proxy)
        assert database_is_away(told.value)
        proxy.forward()
        with transactions.transaction() as tx:
            assert tx.execute("SELECT 2").fetchone() == (2,)
    finally:
        transactions.close()
        proxy.close()


def the_server_ends(dsn, pid):
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_that_the_server_ended_meanwhile_is_replaced_before_it_is_used(postgres_dsn):
    transactions = connect_transactions(postgres_dsn, 1)
    try:
        with transactions.transaction() as tx:
            first = tx.info.backend_pid
        the_server_ends(postgres_dsn, first)
        with transactions.transaction() as tx:
            assert tx.execute("SELECT 1").fetchone() == (1,)
            assert tx.info.backend_pid != first
    finally:
        transactions.close()


def test_a_connection_that_is_silent_is_used_without_asking_the_server(postgres_dsn):
    transactions = connect_transactions(postgres_dsn, 1)
    try:
        with transactions.transaction() as tx:
            tx.execute("SELECT 1")
        with transactions.transaction() as tx, psycopg.connect(postgres_dsn) as other:
            asked = "SELECT query FROM pg_stat_activity WHERE pid = %s"
            assert other.execute(asked, (tx.info.backend_pid,)).fetchone() == ("COMMIT",)
    finally:
        transactions.close()
