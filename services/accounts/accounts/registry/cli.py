"""Administer one account, on record:

`python -m accounts.registry.cli reviewer NAME (--unit north | --none) --who OPERATOR --reason "…"`
makes somebody of the bureau a reviewer of a unit, or no reviewer any more.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.choices import UNITS

from accounts.audit.store import AuditStore
from accounts.registry import actions
from accounts.registry.rules import NotForReviewers
from accounts.registry.store import AccountStore


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            said = _reviewer(tx, parsed)
    except NotForReviewers:
        who = "reviewer" if parsed.none else "account of the bureau in use"
        sys.stderr.write(f"{parsed.name} is no {who}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _reviewer(tx: Tx, parsed: argparse.Namespace) -> str:
    now = datetime.now(UTC)
    actions.make_reviewer(
        AccountStore(tx),
        AuditStore(tx),
        parsed.name,
        parsed.unit,
        who=parsed.who,
        reason=parsed.reason,
        now=now,
    )
    return f"{parsed.name} reviews for {parsed.unit or 'nobody'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    reviewer = commands.add_parser("reviewer", help="make somebody of the bureau a reviewer, or no more")
    which = reviewer.add_mutually_exclusive_group(required=True)
    which.add_argument("--unit", choices=UNITS)
    which.add_argument("--none", action="store_true", help="no reviewer any more")
    reviewer.add_argument("name", help="the account name, of an application as bureau that was approved")
    reviewer.add_argument("--who", required=True, help="the operator who does it")
    reviewer.add_argument("--reason", required=True, help="who ordered it, and by which paper")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
