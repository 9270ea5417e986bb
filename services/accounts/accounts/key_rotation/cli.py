"""Rotate the keys of what accounts stores encrypted: `python -m accounts.key_rotation.cli rotate --who … --reason …`.

`rotate` adds a new key to the key file, makes it the current one, writes everything under it and removes the keys that
nothing uses any more. `status` says which keys there are and how many values each has. `reseal` only writes everything
under the current key: for keys that are kept elsewhere than in a file (docs/runbook.md, Keys).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from mtnet_chassis.data.database import Transactions, connect_transactions
from mtnet_chassis.settings import env

from accounts.audit.store import AuditStore
from accounts.key_file import KeyFile, number_of, with_first, with_new_key
from accounts.key_rotation import actions
from accounts.key_rotation.actions import Open, RotationStores
from accounts.key_rotation.rules import SEALED, KeyMissing
from accounts.key_rotation.store import SealedStore
from accounts.settings import Settings, settings
from accounts.vault import key_file_of, vault_of

# A request that was begun with the keys as they were has ended after so long (the time limit of a call).
SETTLE_SECONDS = 15


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("status", "rotate", "reseal"))
    parser.add_argument("--who", help="who ordered it")
    parser.add_argument("--reason", help="why")
    parser.add_argument("--settle", type=float, default=SETTLE_SECONDS, help="seconds between the steps")
    parsed = parser.parse_args(arguments)
    if parsed.command != "status" and not (parsed.who and parsed.reason):
        parser.error("say --who and --reason: both go on record")
    transactions = connect_transactions(env("DATABASE_URL"), size=1)
    try:
        if parsed.command == "status":
            return _status(transactions, settings())
        if parsed.command == "reseal":
            return _reseal(transactions, settings(), parsed.who, parsed.reason)
        return _rotate(transactions, settings(), parsed)
    except KeyMissing as missing:
        sys.stderr.write(f"Rows use keys that are not here: {missing}. Add them, then try again.\n")
        return 1
    finally:
        transactions.close()


def stores_of(transactions: Transactions) -> Open:
    """Opens a transaction for each step of a rotation."""

    @contextmanager
    def stores() -> Iterator[RotationStores]:
        with transactions.transaction() as tx:
            yield RotationStores(tuple(SealedStore(tx, column) for column in SEALED), AuditStore(tx))

    return stores


def _status(transactions: Transactions, own: Settings) -> int:
    vault = vault_of(own)
    found = actions.rows_by_key(stores_of(transactions))
    for key in sorted(vault.key_ids | found.keys()):
        note = "current" if key == vault.current_key else "old" if key in vault.key_ids else "missing"
        sys.stdout.write(f"{key}: {found.get(key, 0)} values, {note}\n")
    return 0 if found.keys() <= vault.key_ids else 1


def _rotate(transactions: Transactions, own: Settings, parsed: argparse.Namespace) -> int:
    file = key_file_of(own)
    if file is None:
        sys.stderr.write("Keys are in the environment here: see docs/runbook.md, Keys.\n")
        return 1
    name = _key_to_use(file, set(actions.rows_by_key(stores_of(transactions))))
    # Every process can read with the new key before one writes with it.
    time.sleep(parsed.settle)
    file.write(with_first(file.keys(), name))
    sys.stdout.write(f"{name} is the current key.\n")
    time.sleep(parsed.settle)
    status = _reseal(transactions, own, parsed.who, parsed.reason)
    if status == 0:
        _drop_unused(transactions, file)
    return status


def _key_to_use(file: KeyFile, used: set[str]) -> str:
    """A new key, or the one of a rotation that was stopped: added, or put first with rows left under older ones."""
    keys = file.keys()
    first, last = next(iter(keys)), next(reversed(keys))
    if number_of(last) > number_of(first):
        return last
    if used - {first}:
        return first
    name, more = with_new_key(keys)
    file.write(more)
    return name


def _reseal(transactions: Transactions, own: Settings, who: str, reason: str) -> int:
    def told(done: int) -> None:
        sys.stdout.write(f"\r{done} values written under the current key")
        sys.stdout.flush()

    actions.reseal(
        stores_of(transactions), vault_of(own), who=who, reason=reason, now=datetime.now(UTC), told=told
    )
    sys.stdout.write("\n")
    return 0


def _drop_unused(transactions: Transactions, file: KeyFile) -> None:
    used = actions.rows_by_key(stores_of(transactions)).keys()
    keys = file.keys()
    current = next(iter(keys))
    kept = {name: key for name, key in keys.items() if name == current or name in used}
    if kept != keys:
        file.write(kept)
        sys.stdout.write(
            f"Removed: {', '.join(sorted(keys.keys() - kept.keys()))}. Backups made before need them.\n"
        )


if __name__ == "__main__":
    raise SystemExit(main())
