"""Run the lifecycle by hand: `python -m accounts.lifecycle [--as-of 2026-11-23] [--preview]`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from mtnet_chassis.database import Transactions, connect_transactions
from mtnet_chassis.settings import env

from accounts.actions import lifecycle
from accounts.actions.desk import desk_for
from accounts.actions.lifecycle import RunResult
from accounts.domain.lifecycle import taipei_day
from accounts.settings import Settings, settings


def run(transactions: Transactions, told: Settings, *, as_of: date, now: datetime | None = None) -> RunResult:
    """Everything due on `as_of`, in transactions of bounded size; safe beside another run."""
    done = {}
    for batch in (lifecycle.freeze_batch, lifecycle.remind_batch):
        done[batch] = 0
        while True:
            with transactions.transaction() as tx:
                count = batch(desk_for(tx, told, now), as_of)
            if not count:
                break
            done[batch] += count
    return RunResult(done[lifecycle.freeze_batch], done[lifecycle.remind_batch])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=date.fromisoformat, default=taipei_day(datetime.now(UTC)))
    parser.add_argument("--preview", action="store_true", help="say what would be done, and do nothing")
    parsed = parser.parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"))
    try:
        if parsed.preview:
            with transactions.transaction() as tx:
                result = lifecycle.preview(desk_for(tx, settings()), parsed.as_of)
        else:
            result = run(transactions, settings(), as_of=parsed.as_of)
    finally:
        transactions.close()
    would = "would be " if parsed.preview else ""
    sys.stdout.write(
        f"as of {parsed.as_of}: {result.frozen} accounts {would}frozen, {result.reminded} reminders {would}sent\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
