"""Administer one account, on record:

`python -m accounts.registry.cli reviewer NAME (--unit north | --none) --who OPERATOR --reason "…"`
makes somebody of the bureau a reviewer of a unit, or no reviewer any more;

`python -m accounts.registry.cli desk NAME (--role agent|lead|administrator | --none) --who OPERATOR --reason "…"`
gives somebody of the bureau a role at the helpdesk, or takes it away. What they held there comes free at once.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.choices import UNITS

from accounts.audit.store import AuditStore
from accounts.registry import actions
from accounts.registry.rules import DESK_ROLES, NotForReviewers, NotForTheDesk
from accounts.registry.store import AccountStore


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            said: str = parsed.act(tx, parsed)
    except (NotForReviewers, NotForTheDesk) as problem:
        kind = "reviewer" if isinstance(problem, NotForReviewers) else "person of the helpdesk"
        sys.stderr.write(f"{parsed.name} is no {kind if parsed.none else 'account of the bureau in use'}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{said}\n")
    return 0


def _reviewer(tx: Tx, parsed: argparse.Namespace) -> str:
    stores = AccountStore(tx), AuditStore(tx), Outbox(tx)
    actions.make_reviewer(*stores, parsed.name, parsed.unit, **_by(parsed))
    return f"{parsed.name} reviews for {parsed.unit or 'nobody'}"


def _desk_person(tx: Tx, parsed: argparse.Namespace) -> str:
    stores = AccountStore(tx), AuditStore(tx), Outbox(tx)
    actions.make_desk_person(*stores, parsed.name, parsed.role, **_by(parsed))
    return f"{parsed.name} is {parsed.role or 'nobody'} at the helpdesk"


def _by(parsed: argparse.Namespace) -> dict[str, Any]:
    """Who changes it, why, and when."""
    return {"who": parsed.who, "reason": parsed.reason, "now": datetime.now(UTC)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    reviewer = commands.add_parser("reviewer", help="make somebody of the bureau a reviewer, or no more")
    which = reviewer.add_mutually_exclusive_group(required=True)
    which.add_argument("--unit", choices=UNITS)
    which.add_argument("--none", action="store_true", help="no reviewer any more")
    reviewer.set_defaults(act=_reviewer)
    desk = commands.add_parser("desk", help="give somebody of the bureau a role at the helpdesk, or none")
    which = desk.add_mutually_exclusive_group(required=True)
    which.add_argument("--role", choices=tuple(DESK_ROLES))
    which.add_argument("--none", action="store_true", help="works at the helpdesk no more")
    desk.set_defaults(act=_desk_person)
    for command in (reviewer, desk):
        command.add_argument("name", help="the account name, of an application as bureau that was approved")
        command.add_argument("--who", required=True, help="the operator who does it")
        command.add_argument("--reason", required=True, help="who ordered it, and by which paper")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
