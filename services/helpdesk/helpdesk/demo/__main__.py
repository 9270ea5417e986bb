"""Make what is not there yet, and say how much it was."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.settings import env

from helpdesk.demo import PARTS


def main() -> int:
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    with transactions.transaction() as tx:
        for name, put in PARTS:
            if made := put(tx, datetime.now(UTC)):
                sys.stdout.write(f"demo helpdesk: {made} {name}\n")
    transactions.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
