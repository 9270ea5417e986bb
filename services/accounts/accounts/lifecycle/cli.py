"""Run the lifecycle by hand: `python -m accounts.lifecycle.cli [--as-of 2026-11-23] [--preview]`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.lifecycle import actions
from accounts.lifecycle.actions import RunResult
from accounts.lifecycle.endpoints import stores_of
from accounts.lifecycle.store import LifecycleStore


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=date.fromisoformat, default=taipei_day(datetime.now(UTC)))
    parser.add_argument("--preview", action="store_true", help="say what would be done, and do nothing")
    parsed = parser.parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"))
    try:
        if parsed.preview:
            with transactions.transaction() as tx:
                found = actions.preview(LifecycleStore(tx), parsed.as_of)
            said = _summary(parsed.as_of, found, "would be ")
        else:
            said = _summary(parsed.as_of, actions.run(stores_of(transactions), parsed.as_of))
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _summary(as_of: date, result: RunResult, would: str = "") -> str:
    return f"as of {as_of}: {result.frozen} accounts {would}frozen, {result.reminded} reminders {would}sent"


if __name__ == "__main__":
    raise SystemExit(main())
