"""Reactivate an account, on record:

`python -m accounts.reactivation.cli NAME --who OPERATOR --reason "…"`
makes a frozen account active again, once it is known who asks;

`python -m accounts.reactivation.cli NAME --who OPERATOR --second OPERATOR --reason "…" --evidence "…"`
makes a frozen or disabled account active again, after two people have judged the evidence. Both have accounts of their
own, as operators or at the helpdesk; `--evidence` says where the letter or ticket is kept.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx, connect_transactions
from mtnet_chassis.settings import env

from accounts.reactivation import actions
from accounts.reactivation.endpoints import stores_in
from accounts.reactivation.rules import ApprovalNotValid, NothingToReactivate
from accounts.reactivation.store import ReactivationStore


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if (parsed.second is None) != (parsed.evidence is None):
        parser.error("--second and --evidence belong together")
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            _reactivate(tx, parsed)
    except NothingToReactivate:
        kind = "frozen" if parsed.second is None else "frozen or disabled"
        hint = "; a disabled one needs --second and --evidence" if parsed.second is None else ""
        sys.stderr.write(f"no {kind} account is named {parsed.name}{hint}\n")
        return 1
    except ApprovalNotValid as problem:
        sys.stderr.write(f"not reactivated: {problem}\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{parsed.name} may log in again\n")
    return 0


def _reactivate(tx: Tx, parsed: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    if parsed.second is None:
        actions.reactivate_by_operator(
            stores_in(tx), parsed.name, who=parsed.who, reason=parsed.reason, now=now
        )
        return
    actions.approve_by_operators(
        stores_in(tx),
        ReactivationStore(tx),
        parsed.name,
        checked_by=parsed.who,
        approved_by=parsed.second,
        reason=parsed.reason,
        evidence_reference=parsed.evidence,
        now=now,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="the account name, of a frozen or disabled account")
    parser.add_argument("--who", required=True, help="the operator who recognised the owner")
    parser.add_argument("--reason", required=True, help="how the owner was recognised")
    parser.add_argument("--second", help="the other operator, who approved it")
    parser.add_argument(
        "--evidence", help="where the evidence is kept: a ticket, the file number of a letter"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
