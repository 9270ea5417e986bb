"""The lifecycle by hand: `python -m accounts.lifecycle.cli [--as-of 2026-11-23] [--preview]`; give one back:
`python -m accounts.lifecycle.cli --thaw NAME --who OPERATOR --reason "…"`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.actions.desk import desk_for
from accounts.lifecycle import actions as lifecycle
from accounts.lifecycle.actions import RunResult
from accounts.registry.rules import NotFrozen
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


def thaw(transactions: Transactions, told: Settings, account_name: str, *, who: str, reason: str) -> str:
    """Give one frozen account back; what to tell the operator. Raises NotFrozen."""
    with transactions.transaction() as tx:
        lifecycle.thaw_account(desk_for(tx, told), account_name, who=who, reason=reason)
    return f"{account_name} may log in again"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=date.fromisoformat, default=taipei_day(datetime.now(UTC)))
    parser.add_argument("--preview", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--thaw", metavar="NAME", help="give this frozen account back, and run nothing")
    parser.add_argument("--who", help="with --thaw: the operator who does it")
    parser.add_argument("--reason", help="with --thaw: how the person was recognised")
    parsed = parser.parse_args(arguments)
    if parsed.thaw and not (parsed.who and parsed.reason):
        parser.error("--thaw wants --who and --reason: both go on record")
    transactions = connect_transactions(env("DATABASE_URL"))
    try:
        if parsed.thaw:
            said = thaw(transactions, settings(), parsed.thaw, who=parsed.who, reason=parsed.reason)
        elif parsed.preview:
            with transactions.transaction() as tx:
                said = _said(
                    parsed.as_of, lifecycle.preview(desk_for(tx, settings()), parsed.as_of), "would be "
                )
        else:
            said = _said(parsed.as_of, run(transactions, settings(), as_of=parsed.as_of))
    except NotFrozen:
        sys.stderr.write(f"no frozen account is named {parsed.thaw}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _said(as_of: date, result: RunResult, would: str = "") -> str:
    return f"as of {as_of}: {result.frozen} accounts {would}frozen, {result.reminded} reminders {would}sent"


if __name__ == "__main__":
    raise SystemExit(main())
