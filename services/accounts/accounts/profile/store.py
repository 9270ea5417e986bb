"""SQL of owners' own data, and of changes of their contacts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from accounts.profile.rules import ContactChange, Contacts, OwnData
from accounts.registry.rules import AccountContact

CHANGE_COLUMNS = (
    "change_id, account_id, change, kind, contact_id, value, requested_at, expires_at, changed_at, before, undo_until,"
    " undone_at"
)


class ProfileStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def own_data(self, account_id: UUID) -> OwnData:
        """What the owner wrote last; before that, what stands in the application. Staff may have neither."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(
                "SELECT phone, fax, department, title, version FROM account_profile WHERE account_id = %s",
                (account_id,),
            ).fetchone()
            if row is None:
                row = cursor.execute(
                    "SELECT answers -> 'applicant' ->> 'phone' AS phone, answers -> 'applicant' ->> 'fax' AS fax,"
                    " answers -> 'applicant' ->> 'department' AS department,"
                    " answers -> 'applicant' ->> 'title' AS title"
                    " FROM account JOIN application USING (application_id) WHERE account_id = %s",
                    (account_id,),
                ).fetchone()
        return OwnData(**row) if row else OwnData()

    def save_own_data(self, account_id: UUID, data: OwnData, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO account_profile (account_id, phone, fax, department, title, version, changed_at)"
            " VALUES (%(account_id)s, %(phone)s, %(fax)s, %(department)s, %(title)s, %(version)s, %(now)s)"
            " ON CONFLICT (account_id) DO UPDATE SET phone = EXCLUDED.phone, fax = EXCLUDED.fax,"
            " department = EXCLUDED.department, title = EXCLUDED.title, version = EXCLUDED.version,"
            " changed_at = EXCLUDED.changed_at",
            {"account_id": account_id, "now": now, **asdict(data)},
        )

    def add_change(self, change: ContactChange) -> None:
        self._tx.execute(
            "INSERT INTO contact_change (change_id, account_id, change, kind, contact_id, value, requested_at,"
            " expires_at) VALUES (%(change_id)s, %(account_id)s, %(change)s, %(kind)s, %(contact_id)s, %(value)s,"
            " %(requested_at)s, %(expires_at)s)",
            {name: getattr(change, name) for name in CHANGE_COLUMNS.split(", ") if name != "before"},
        )

    def change_for_update(self, account_id: UUID, change_id: UUID) -> ContactChange | None:
        return self._one(
            f"SELECT {CHANGE_COLUMNS} FROM contact_change WHERE account_id = %s AND change_id = %s FOR UPDATE",
            account_id,
            change_id,
        )

    def change_to_undo(self, undo_hash: bytes, *, lock: bool) -> ContactChange | None:
        return self._one(
            f"SELECT {CHANGE_COLUMNS} FROM contact_change WHERE undo_hash = %s{' FOR UPDATE' if lock else ''}",
            undo_hash,
        )

    def waiting_changes(self, account_id: UUID, now: datetime) -> list[ContactChange]:
        """Those that wait for their code, newest first: one for each contact that is asked for is of use."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT DISTINCT ON (kind, contact_id) {CHANGE_COLUMNS} FROM contact_change"
                " WHERE account_id = %s AND changed_at IS NULL AND expires_at > %s"
                " ORDER BY kind, contact_id, requested_at DESC",
                (account_id, now),
            ).fetchall()
        return [_change(row) for row in rows]

    def save_made(
        self, change_id: UUID, *, before: Contacts, undo_hash: bytes, undo_until: datetime, now: datetime
    ) -> None:
        self._tx.execute(
            "UPDATE contact_change SET changed_at = %s, before = %s, undo_hash = %s, undo_until = %s"
            " WHERE change_id = %s",
            (now, Jsonb([_stored(each) for each in before]), undo_hash, undo_until, change_id),
        )

    def save_undone(self, change: ContactChange, now: datetime) -> None:
        """This change and those made after it cannot be undone any more; what waits for a code is void."""
        self._tx.execute(
            "UPDATE contact_change SET undone_at = %s, expires_at = least(expires_at, %s)"
            " WHERE account_id = %s AND undone_at IS NULL AND (changed_at IS NULL OR changed_at >= %s)",
            (now, now, change.account_id, change.changed_at),
        )

    def _one(self, query: str, *values: object) -> ContactChange | None:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, values).fetchone()
        return _change(row) if row else None


def _change(row: dict[str, Any]) -> ContactChange:
    return ContactChange(**row | {"before": tuple(_read(each) for each in row["before"] or ())})


def _stored(contact: AccountContact) -> dict[str, Any]:
    return asdict(contact) | {
        "contact_id": str(contact.contact_id),
        "verified_at": contact.verified_at.isoformat(),
    }


def _read(stored: dict[str, Any]) -> AccountContact:
    return AccountContact(
        **stored
        | {
            "contact_id": UUID(stored["contact_id"]),
            "verified_at": datetime.fromisoformat(stored["verified_at"]),
        }
    )
