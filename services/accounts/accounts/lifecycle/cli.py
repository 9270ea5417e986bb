"""Run the lifecycle by hand, or store new days after a change of its policy:

`python -m accounts.lifecycle.cli [--as-of 2026-11-23] [--preview]`
`python -m accounts.lifecycle.cli --recompute`
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.lifecycle import actions
from accounts.lifecycle.endpoints import stores_of
from accounts.lifecycle.rules import COMMAND, RunResult
from accounts.lifecycle.store import LifecycleStore


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=date.fromisoformat, default=taipei_day(datetime.now(UTC)))
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--preview", action="store_true", help="say what would be done, and do nothing")
    way.add_argument("--recompute", action="store_true", help="store the days that today's policy gives")
    parsed = parser.parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"))
    try:
        if parsed.preview:
            with transactions.transaction() as tx:
                found = actions.preview(LifecycleStore(tx), parsed.as_of)
            said = _summary(parsed.as_of, found, "would be ")
        elif parsed.recompute:
            said = f"{actions.recompute(stores_of(transactions))} accounts have other days now"
        else:
            done = actions.run(stores_of(transactions), parsed.as_of, started_by=COMMAND)
            said = _summary(parsed.as_of, done)
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _summary(as_of: date, result: RunResult, would: str = "") -> str:
    return (
        f"as of {as_of}: {result.frozen} accounts {would}frozen, {result.reminded} reminders {would}sent,"
        f" {result.disabled} accounts {would}disabled"
    )


if __name__ == "__main__":
    raise SystemExit(main())
