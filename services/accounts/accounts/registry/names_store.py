"""Account names that are reserved for applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx


@dataclass(frozen=True)
class Hold:
    """`until` is None for a name that is held as long as its application lives."""

    name: str
    application_id: UUID
    holder: str
    until: datetime | None


class NameStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def hold(self, hold: Hold, now: datetime) -> UUID:
        """Reserve a name, unless another application holds it; whose it is now.

        Who comes second waits until the first commits. A hold that lapsed, or whose draft did, is nobody's.
        """
        row = self._tx.execute(
            "INSERT INTO account_name_hold AS held (name, application_id, holder, held_at, until)"
            " VALUES (lower(%(name)s), %(application_id)s, %(holder)s, %(now)s, %(until)s)"
            " ON CONFLICT (name) DO UPDATE SET application_id = excluded.application_id, holder = excluded.holder,"
            " held_at = excluded.held_at, until = excluded.until"
            " WHERE held.application_id = excluded.application_id OR held.until <= %(now)s OR EXISTS (SELECT 1"
            " FROM application WHERE application.application_id = held.application_id AND status = 'draft'"
            " AND expires_at <= %(now)s)"
            " RETURNING application_id",
            {**vars(hold), "now": now},
        ).fetchone()
        if row is None:
            row = self._tx.execute(
                "SELECT application_id FROM account_name_hold WHERE name = lower(%s)", (hold.name,)
            ).fetchone()
        if row is None:
            raise LookupError(hold.name)
        found: UUID = row[0]
        return found

    def is_held(self, name: str) -> bool:
        row = self._tx.execute("SELECT 1 FROM account_name_hold WHERE name = lower(%s)", (name,)).fetchone()
        return row is not None

    def release(self, application_id: UUID, *, but: str = "") -> None:
        """What the application held is free, but for one name."""
        self._tx.execute(
            "DELETE FROM account_name_hold WHERE application_id = %s AND name <> lower(%s)",
            (application_id, but),
        )

    def keep(self, application_id: UUID, holder: str) -> None:
        """Hold its name as long as the application lives, counted for another holder from now on."""
        self._tx.execute(
            "UPDATE account_name_hold SET until = NULL, holder = %s WHERE application_id = %s",
            (holder, application_id),
        )

    def let_go_beyond(self, holder: str, most: int) -> None:
        """Of more names than that the ones held longest are free."""
        self._tx.execute(
            "DELETE FROM account_name_hold WHERE name IN (SELECT name FROM account_name_hold WHERE holder = %s"
            " ORDER BY held_at DESC OFFSET %s)",
            (holder, most),
        )
