"""Make the demo people: `python -m accounts.demo`. Doing it again changes nothing. Never in production."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from mtnet_chassis.database import connect_transactions
from mtnet_chassis.settings import env

from accounts.clients.password_hashes import hashed
from accounts.domain.accounts import Account, State
from accounts.domain.lifecycle import taipei_day
from accounts.store import AccountStore

PASSWORD = "Mtnet!2026demo"  # noqa: S105 - printed by `make run`
PEOPLE = (
    ("northreviewer", "北部航務中心審核員", "bureau", ("reviewer",), "north"),
    ("centralreviewer", "中部航務中心審核員", "bureau", ("reviewer",), "central"),
    ("southreviewer", "南部航務中心審核員", "bureau", ("reviewer",), "south"),
    ("eastreviewer", "東部航務中心審核員", "bureau", ("reviewer",), "east"),
    ("opsreviewer", "營運中心審核員", "bureau", ("reviewer",), "operations"),
    ("personnelreviewer", "人事室審核員", "bureau", ("reviewer",), "personnel"),
    ("operator1", "系統維運人員", "bureau", ("operator",), "operations"),
    ("demomember", "示範會員", "individual", ("member",), None),
)


def main() -> int:
    now = datetime.now(UTC)
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    password_hash = hashed(os.environ.get("DEMO_PASSWORD", PASSWORD))
    with transactions.transaction() as tx:
        store = AccountStore(tx)
        for account_name, name, identity_type, roles, unit in PEOPLE:
            if store.account_named(account_name) is not None:
                continue
            account = Account(
                account_id=uuid5(NAMESPACE_URL, f"mtnet-demo:{account_name}"),
                account_name=account_name,
                name=name,
                state=State.ACTIVE,
                identity_type=identity_type,
                roles=roles,
                email=f"{account_name}@mtnet.example",
                locale="zh-Hant",
                password_hash=password_hash,
                unit=unit,
                systems=("mtnet",),
            )
            store.add_account(account, application_id=None, approved_at=now, active_on=taipei_day(now))
            sys.stdout.write(f"demo account {account_name}\n")
    transactions.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
