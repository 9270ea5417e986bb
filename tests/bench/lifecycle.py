"""How long a lifecycle run takes over a million accounts and over ten, and what a job row by row takes.

`make bench ONLY=lifecycle`. PostgreSQL is private and as in `make run` (fsync on, synchronous commit). One account in a
hundred is due: eight of ten are frozen, one is reminded, one disabled. A run is over when all changes and events are
committed. The job row by row does the same with the same outbox, an account and its event in each transaction, as such
jobs are usually written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from accounts.inactivity.rules import dates_after_activity, dates_after_reminder
from accounts.lifecycle import actions, messages
from accounts.lifecycle.endpoints import stores_of
from accounts.lifecycle.rules import Change, Step
from launcher.servers.postgres import PostgresServer
from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.data.migrations import migrate
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.runtime.services import migrations_of

TODAY = date(2027, 3, 1)
NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
SIZES = (1_000_000, 10_000_000)
ROW_BY_ROW = 1_000_000
# Of a hundred accounts in a row, the last is due; of ten such, eight are frozen, one is reminded, one disabled.
ACCOUNTS = """
INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,
    active_on, freeze_on, remind_on, disable_on, reminded_days)
SELECT gen_random_uuid(), 'bench' || n, '會員', CASE WHEN kind IN ('remind', 'disable') THEN 'frozen' ELSE 'active' END,
    'individual', '{member}', 'bench' || n || '@example.com', 'zh-Hant', %(now)s, day.active_on, day.freeze_on,
    day.remind_on, day.disable_on, day.reminded_days
FROM (SELECT n, CASE WHEN n %% 100 > 0 THEN 'fresh' WHEN n / 100 %% 10 < 8 THEN 'freeze'
          WHEN n / 100 %% 10 = 8 THEN 'remind' ELSE 'disable' END AS kind
      FROM generate_series(1, %(size)s) AS n) AS made
JOIN unnest(%(kinds)s::text[], %(active_on)s::date[], %(freeze_on)s::date[], %(remind_on)s::date[],
    %(disable_on)s::date[], %(reminded_days)s::integer[])
    AS day (kind, active_on, freeze_on, remind_on, disable_on, reminded_days) USING (kind)
"""


def measured(postgres: PostgresServer, machine: dict[str, Any], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Each size is filled and run once; the smallest also row by row, on accounts filled anew."""
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "conditions": machine}
    found["runs"] = [_set_based(postgres, size) for size in sizes]
    if ROW_BY_ROW in sizes:
        found["row_by_row"] = _row_by_row(postgres, ROW_BY_ROW)
    return found


def tell(run: dict[str, Any]) -> None:
    print(
        f"{run['accounts']:>12,} accounts, {run['changed']:>9,} due: {run['seconds']:8.2f} s"
        f"   {run['changed'] / run['seconds']:>9,.0f} a second   {run['how']}",
        flush=True,
    )


def _days() -> dict[str, list[Any]]:
    """The days of each kind, as the rules compute them."""
    reminded = dates_after_activity(TODAY - timedelta(days=366))
    while reminded.remind_on is not None:
        reminded = dates_after_reminder(reminded, reminded_on=reminded.remind_on)
    kinds = {
        "fresh": dates_after_activity(TODAY - timedelta(days=30)),
        "freeze": dates_after_activity(TODAY - timedelta(days=90)),
        "remind": dates_after_activity(TODAY - timedelta(days=340)),
        "disable": reminded,
    }
    names = ("active_on", "freeze_on", "remind_on", "disable_on", "reminded_days")
    columns = {name: [getattr(dates, name) for dates in kinds.values()] for name in names}
    return {"kinds": list(kinds), **columns}


@contextmanager
def _filled(postgres: PostgresServer, size: int) -> Iterator[tuple[str, Transactions]]:
    """A database of its own with so many accounts, vacuumed, and nothing left to be written."""
    name = f"lifecycle{size}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    dsn = postgres.dsn(name)
    try:
        migrate(dsn, migrations_of("accounts"))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            connection.execute("SET maintenance_work_mem = '512MB'")
            indexes = connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'account'"
                " AND indexname NOT LIKE '%key'"
            ).fetchall()
            # Indexes are built afterwards, in a fraction of the time; foreign keys that go with the first are not used.
            connection.execute("ALTER TABLE account DROP CONSTRAINT account_pkey CASCADE")
            for index, _ in indexes:
                connection.execute(f"DROP INDEX {index}")
            connection.execute(ACCOUNTS, {"size": size, "now": NOW, **_days()})
            connection.execute("ALTER TABLE account ADD PRIMARY KEY (account_id)")
            for _, definition in indexes:
                connection.execute(definition)
            connection.execute("VACUUM (ANALYZE) account")
            connection.execute("CHECKPOINT")
        transactions = connect_transactions(dsn, size=2)
        try:
            yield dsn, transactions
        finally:
            transactions.close()
    finally:
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _set_based(postgres: PostgresServer, size: int) -> dict[str, Any]:
    with _filled(postgres, size) as (dsn, transactions):
        began = time.perf_counter()
        done = actions.run(stores_of(transactions), TODAY, NOW)
        seconds = time.perf_counter() - began
        changed = done.frozen + done.reminded + done.disabled
        return _checked(dsn, "as the portal does it", size, changed, seconds)


def _row_by_row(postgres: PostgresServer, size: int) -> dict[str, Any]:
    with _filled(postgres, size) as (dsn, transactions):
        began = time.perf_counter()
        changed = 0
        for step in Step:
            with transactions.transaction() as tx:
                due = actions.LifecycleStore(tx).planned(TODAY, step=step, name=None, limit=size, offset=0)[0]
            for planned in due:
                with transactions.transaction() as tx:
                    changed += _one(tx, step, planned.account)
        return _checked(dsn, "row by row", size, changed, time.perf_counter() - began)


def _one(tx: Any, step: Step, account: Any) -> int:
    """One account as usual jobs do it: lock, change, announce."""
    tx.execute("SELECT 1 FROM account WHERE account_id = %s FOR UPDATE", (account.account_id,))
    change = Change(account.account_id, account.account_name, step, account.dates.active_on)
    if step is Step.REMIND:
        dates = dates_after_reminder(account.dates, reminded_on=TODAY)
        tx.execute(
            "UPDATE account SET remind_on = %s, disable_on = %s, reminded_days = %s WHERE account_id = %s",
            (dates.remind_on, dates.disable_on, dates.reminded_days, account.account_id),
        )
        change = Change(
            account.account_id,
            account.account_name,
            step,
            dates.active_on,
            notice_days=dates.reminded_days,
            disable_on=dates.disable_on,
        )
        Outbox(tx).announce(messages.reminder_due(change))
        return 1
    state = "frozen" if step is Step.FREEZE else "disabled"
    tx.execute("UPDATE account SET state = %s WHERE account_id = %s", (state, account.account_id))
    tx.execute(
        "UPDATE session SET ended_at = %s WHERE account_id = %s AND ended_at IS NULL",
        (NOW, account.account_id),
    )
    event = messages.account_frozen if step is Step.FREEZE else messages.account_disabled
    Outbox(tx).announce(event(change, NOW))
    return 1


def _checked(dsn: str, how: str, size: int, changed: int, seconds: float) -> dict[str, Any]:
    """Every account that was due is changed, once, and has its event. Raises RuntimeError."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT subject) FROM outbox").fetchone()
    if row != (changed, changed) or changed != size // 100:
        raise RuntimeError(f"{changed} accounts were changed of {size // 100}, and {row} events stored")
    run = {
        "how": how,
        "accounts": size,
        "changed": changed,
        "seconds": round(seconds, 3),
        "load": round(os.getloadavg()[0], 2),
    }
    tell(run)
    return run
