"""SQL of what downstream systems are told; each question is answered from one snapshot of the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.complete import complete_until
from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from accounts.registry.rules import State
from accounts.system_accounts.rules import Organisation, ToldAccount

COLUMNS = (
    "a.account_id, a.state, a.account_name, a.name, a.identity_type, a.roles, a.systems, a.changed_at,"
    " o.organisation_id, o.unified_business_number, o.name_zh"
)
FROM = "FROM account a LEFT JOIN organisation o USING (organisation_id)"
# Below the first id that there can be.
FIRST = UUID(int=0)


class SystemAccountStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def complete_until(self) -> datetime:
        return complete_until(self._tx)

    def account(self, system: str, account_id: UUID) -> ToldAccount | None:
        rows = self._read(
            f"SELECT {COLUMNS} {FROM} WHERE a.account_id = %(id)s AND %(system)s = ANY (a.systems)",
            {"id": account_id, "system": system},
        )
        return rows[0] if rows else None

    def accounts(
        self, system: str, after: UUID | None, state: str | None, since: datetime | None, most: int
    ) -> list[ToldAccount]:
        """By id, so each page begins where the one before ended (primary key; with `since` index account_changed)."""
        filters = ["a.account_id > %(after)s", "%(system)s = ANY (a.systems)"]
        if state is not None:
            filters.append("a.state = %(state)s")
        if since is not None:
            filters.append("a.changed_at >= %(since)s")
        return self._read(
            f"SELECT {COLUMNS} {FROM} WHERE {' AND '.join(filters)} ORDER BY a.account_id LIMIT %(most)s",
            {"system": system, "after": after or FIRST, "state": state, "since": since, "most": most},
        )

    def snapshot(self, after: UUID | None, most: int) -> list[ToldAccount]:
        """All accounts, each with the sequence of its last event: stored together with the change, so read together."""
        return self._read(
            f"SELECT {COLUMNS}, coalesce(s.sequence, 0) AS sequence"
            f" {FROM} LEFT JOIN aggregate_sequence s ON s.aggregate = 'account' AND s.subject = a.account_id::text"
            " WHERE a.account_id > %(after)s ORDER BY a.account_id LIMIT %(most)s",
            {"after": after or FIRST, "most": most},
        )

    def _read(self, query: str, values: dict[str, Any]) -> list[ToldAccount]:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return [_account(row) for row in cursor.execute(query, values)]


def _account(row: dict[str, Any]) -> ToldAccount:
    organisation = None
    if row["organisation_id"] is not None:
        organisation = Organisation(row["organisation_id"], row["unified_business_number"], row["name_zh"])
    return ToldAccount(
        account_id=row["account_id"],
        state=State(row["state"]),
        account_name=row["account_name"],
        name=row["name"],
        identity_type=row["identity_type"],
        roles=tuple(row["roles"]),
        systems=tuple(row["systems"]),
        organisation=organisation,
        changed_at=row["changed_at"],
        sequence=row.get("sequence", 0),
    )
