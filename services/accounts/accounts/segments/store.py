"""SQL of segments: the accounts that can be written to, a page at a time in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from mtnet_chassis.data.database import Tx

# Whose account is disabled or closed is no longer written to as its owner.
WRITTEN_TO: LiteralString = "state IN ('approved', 'active', 'frozen')"
CONDITIONS: dict[str, LiteralString] = {
    "everybody": "true",
    # Index account_manager.
    "managers": "'organisation_manager' = ANY(roles)",
    "system": "%(system)s = ANY(systems)",
}


class SegmentStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def accounts_in(self, segment: str, *, system: str | None, after: UUID | None, limit: int) -> list[UUID]:
        rows = self._tx.execute(
            f"SELECT account_id FROM account WHERE {WRITTEN_TO} AND {CONDITIONS[segment]}"
            " AND (%(after)s::uuid IS NULL OR account_id > %(after)s) ORDER BY account_id LIMIT %(limit)s",
            {"system": system, "after": after, "limit": limit},
        ).fetchall()
        return [row[0] for row in rows]

    def accounts_named(self, names: Sequence[str]) -> dict[str, UUID]:
        """By name in small letters; without those that nobody has."""
        rows = self._tx.execute(
            f"SELECT lower(account_name), account_id FROM account WHERE lower(account_name) = ANY(%s) AND {WRITTEN_TO}",
            (list(names),),
        ).fetchall()
        return dict(rows)
