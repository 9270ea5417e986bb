"""Run the lifecycle by hand, store new days after a change of its policy, or close an account for good:

`python -m accounts.lifecycle.cli [--as-of 2026-11-23] [--preview]`
`python -m accounts.lifecycle.cli --recompute`
`python -m accounts.lifecycle.cli --close NAME --confirm NAME --who OPERATOR --reason "…"`
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.lifecycle import actions
from accounts.lifecycle.endpoints import stores_in, stores_of
from accounts.lifecycle.rules import COMMAND, AccountNameDiffers, NoOperator, OwnAccount, RunResult
from accounts.lifecycle.store import LifecycleStore
from accounts.registry.rules import AccountNotFound

NOT_CLOSED: dict[type[Exception], str] = {
    AccountNotFound: "No open account has that name.",
    AccountNameDiffers: "The name and its confirmation differ. Nothing was closed.",
    OwnAccount: "Nobody closes their own account as an operator: another operator does.",
    NoOperator: "--who is not the account name of an operator whose account is in use.",
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--as-of", type=date.fromisoformat, default=taipei_day(datetime.now(UTC)))
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--preview", action="store_true", help="say what would be done, and do nothing")
    way.add_argument("--recompute", action="store_true", help="store the days that today's policy gives")
    way.add_argument("--close", metavar="NAME", help="an account that nobody can open again")
    parser.add_argument("--confirm", metavar="NAME", help="the name once more: closing cannot be undone")
    parser.add_argument("--who", help="the operator who closes it, by the name of an account in use")
    parser.add_argument("--reason", help="who asked for it, and by which paper")
    parsed = parser.parse_args(arguments)
    if parsed.close and not (parsed.confirm and parsed.who and parsed.reason):
        parser.error("--close needs --confirm, --who and --reason")
    transactions = connect_transactions(env("DATABASE_URL"))
    try:
        if parsed.preview:
            with transactions.transaction() as tx:
                found = actions.preview(LifecycleStore(tx), parsed.as_of)
            said = _summary(parsed.as_of, found, "would be ")
        elif parsed.recompute:
            said = f"{actions.recompute(stores_of(transactions))} accounts have other days now"
        elif parsed.close:
            with transactions.transaction() as tx:
                said = _closed(tx, parsed)
        else:
            done = actions.run(stores_of(transactions), parsed.as_of, started_by=COMMAND)
            said = _summary(parsed.as_of, done)
    except (AccountNotFound, AccountNameDiffers, OwnAccount, NoOperator) as problem:
        sys.stderr.write(f"{NOT_CLOSED[type(problem)]}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _closed(tx: Tx, parsed: argparse.Namespace) -> str:
    actions.close_by_command(
        stores_in(tx),
        parsed.close,
        parsed.confirm,
        operator=parsed.who,
        reason=parsed.reason,
        now=datetime.now(UTC),
    )
    return f"{parsed.close} is closed for good"


def _summary(as_of: date, result: RunResult, would: str = "") -> str:
    return (
        f"as of {as_of}: {result.frozen} accounts {would}frozen, {result.reminded} reminders {would}sent,"
        f" {result.disabled} accounts {would}disabled"
    )


if __name__ == "__main__":
    raise SystemExit(main())
