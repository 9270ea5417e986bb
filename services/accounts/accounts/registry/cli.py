"""Make somebody of the bureau a reviewer of a unit, or no reviewer any more:
`python -m accounts.registry.cli NAME (--unit north | --none) --who OPERATOR --reason "…"`."""

from __future__ import annotations

import argparse
import sys

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.settings import env
from mtnet_contracts.vocabulary.choices import UNITS

from accounts.actions.desk import desk_for
from accounts.registry.actions import make_reviewer
from accounts.registry.rules import NotForReviewers
from accounts.settings import settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the account name, of an application as bureau that was approved")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--unit", choices=UNITS)
    which.add_argument("--none", action="store_true", help="no reviewer any more")
    parser.add_argument("--who", required=True, help="the operator who does it")
    parser.add_argument("--reason", required=True, help="who ordered it, and by which paper")
    parsed = parser.parse_args(arguments)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        with transactions.transaction() as tx:
            desk = desk_for(tx, settings())
            make_reviewer(desk, parsed.name, parsed.unit, who=parsed.who, reason=parsed.reason)
    except NotForReviewers:
        sys.stderr.write(
            f"{parsed.name} is no {'reviewer' if parsed.none else 'account of the bureau in use'}\n"
        )
        return 1
    finally:
        transactions.close()
    sys.stdout.write(f"{parsed.name} reviews for {parsed.unit or 'nobody'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
