"""Help somebody who has lost their second factor and their recovery codes, on record:

`python -m accounts.second_factors.cli reset NAME --who OPERATOR --reason "…"`
removes all of them and ends the sessions; the next login asks for a new one where the role requires it.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.settings import env

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.registry.rules import AccountNotFound
from accounts.registry.store import AccountStore
from accounts.second_factors.actions import reset_factors
from accounts.second_factors.proofs import FactorStores
from accounts.second_factors.store import FactorStore


def main(arguments: list[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            stores = FactorStores(
                AccountStore(tx), FactorStore(tx), GuessStore(tx), AuditStore(tx), Outbox(tx)
            )
            reset_factors(stores, parsed.name, who=parsed.who, reason=parsed.reason, now=datetime.now(UTC))
    except AccountNotFound:
        sys.stderr.write(f"{parsed.name} is no account\n")
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{parsed.name} has no second factor any more\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    reset = commands.add_parser("reset", help="remove all second factors of somebody who lost them")
    reset.add_argument("name", help="the account name")
    reset.add_argument("--who", required=True, help="the operator who does it")
    reset.add_argument("--reason", required=True, help="how the owner was recognised")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
