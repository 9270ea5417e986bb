"""Write everything that is encrypted under the current key, in batches, while the portal runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.audit.actions import record
from accounts.key_rotation.rules import KeyMissing
from accounts.key_rotation.store import SealedStore
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore

BATCH = 500


@dataclass(frozen=True)
class RotationStores:
    """What a rotation reads and writes, in one transaction: a store for each encrypted column."""

    sealed: tuple[SealedStore, ...]
    audit: AuditStore


Open = Callable[[], AbstractContextManager[RotationStores]]


def rows_by_key(stores: Open) -> dict[str, int]:
    """How many encrypted values each key has, in all tables."""
    total: Counter[str] = Counter()
    with stores() as opened:
        for store in opened.sealed:
            total.update(store.rows_by_key())
    return dict(total)


def reseal(
    stores: Open, vault: Vault, *, who: str, reason: str, now: datetime, told: Callable[[int], None]
) -> int:
    """Write every encrypted value under the current key. Returns how many were not. Raises KeyMissing.

    Safe to repeat, to stop at any time and to run twice at once: each batch is one transaction, and a row that somebody
    is just changing is written in a later pass. `told` hears after each batch how many are done.
    """
    missing = rows_by_key(stores).keys() - vault.key_ids
    if missing:
        raise KeyMissing(", ".join(sorted(missing)))
    done = 0
    while rows_by_key(stores).keys() - {vault.current_key}:
        for number in _one_pass(stores, vault):
            done += number
            told(done)
    if done:
        detail = {"key": vault.current_key, "values": done, "who": who, "reason": reason}
        with stores() as opened:
            record(opened.audit, "keys_rotated", now=now, subject_id=None, detail=detail)
    return done


def _one_pass(stores: Open, vault: Vault) -> Iterator[int]:
    """Go through every column once. Yields how many values each batch has written."""
    with stores() as opened:
        columns = range(len(opened.sealed))
    for column in columns:
        after: UUID | None = UUID(int=0)
        while after is not None:
            with stores() as opened:
                number, after = _batch(opened.sealed[column], vault, after)
            yield number


def _batch(store: SealedStore, vault: Vault, after: UUID) -> tuple[int, UUID | None]:
    """Returns how many rows were written, and the last of them; None after the last row."""
    rows = store.rows_under_other_keys(vault.current_key, after=after, limit=BATCH)
    store.save({row.row_id: vault.resealed(row.box, row.key, row.row_id) for row in rows}, vault.current_key)
    return len(rows), rows[-1].row_id if rows else None
