"""Pays: every transaction changes accounts and announces it. SIGTERM ends it after the transactions in hand.

It ends with REACHED when a failpoint raised in it, so that a test knows the place was really reached.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from uuid import UUID

import psycopg
from ledger.events import Paid
from mtnet_chassis.data.database import Transactions, Tx, connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import FailpointReached

ACCOUNTS = 12
THREADS = 3
REACHED = 3
ENOUGH = threading.Event()
FAILED = threading.Event()


def pay(tx: Tx, accounts: list[UUID], wish: str = "") -> None:
    """One transaction: the accounts' locks first, then the rows, then the announcements."""
    events = []
    for account_id in sorted(accounts):
        row = tx.execute(
            "INSERT INTO account AS kept VALUES (%s, 1) ON CONFLICT (account_id)"
            " DO UPDATE SET last_number = kept.last_number + 1 RETURNING last_number",
            (account_id,),
        ).fetchone()
        assert row is not None
        event = Paid(account_id=account_id, number=row[0], wish=wish)
        tx.execute(
            "INSERT INTO booking (handler, event_id, account_id, number) VALUES ('source', %s, %s, %s)",
            (event.event_id, account_id, event.number),
        )
        events.append(event)
    Outbox(tx).announce_many(events)


def pay_many(transactions: Transactions, count: int, seed: int, wish: str = "", pause: float = 0.0) -> None:
    """`count` transactions of one to four events; now and then one is rolled back, or commits late."""
    dice = random.Random(seed)
    accounts = [UUID(int=number) for number in range(1, ACCOUNTS + 1)]
    for _ in range(count):
        if ENOUGH.is_set():
            return
        try:
            with transactions.transaction() as tx:
                pay(tx, dice.sample(accounts, dice.randint(1, 4)), wish)
                if dice.random() < 0.05:
                    time.sleep(0.05)
                if dice.random() < 0.05:
                    raise psycopg.Rollback
        except FailpointReached:
            FAILED.set()
        except (psycopg.Rollback, psycopg.OperationalError):
            time.sleep(0.05)
        if pause:
            time.sleep(pause)


def main() -> int:
    dsn, count, seed, wish, pause = sys.argv[1:6]
    signal.signal(signal.SIGTERM, lambda number, frame: ENOUGH.set())
    transactions = connect_transactions(dsn, THREADS)
    threads = [
        threading.Thread(
            target=pay_many, args=(transactions, int(count), int(seed) * 10 + n, wish, float(pause))
        )
        for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transactions.close()
    return REACHED if FAILED.is_set() else 0


if __name__ == "__main__":
    raise SystemExit(main())
