"""The questions of a lifecycle run: set-based, in bounded batches, cost following what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx


@dataclass(frozen=True)
class DueAccount:
    account_id: UUID
    account_name: str
    active_on: date


@dataclass(frozen=True)
class RemindedAccount:
    """An account that is reminded now, and the day its reminder names."""

    account_id: UUID
    account_name: str
    active_on: date
    notice_days: int
    disable_on: date


class LifecycleStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def count_to_freeze(self, cutoff: date) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM account WHERE state = 'active' AND active_on <= %s", (cutoff,)
        ).fetchone()
        return int(row[0]) if row else 0

    def freeze_batch(self, cutoff: date, *, now: datetime, most: int) -> list[DueAccount]:
        """Freeze up to `most` accounts that nobody used since `cutoff`, and tell which.

        Rows another run has in hand are passed over: it announces them.
        """
        rows = self._tx.execute(
            """
            UPDATE account SET state = 'frozen', frozen_at = %(now)s
            WHERE account_id IN (
                SELECT account_id FROM account WHERE state = 'active' AND active_on <= %(cutoff)s
                ORDER BY active_on LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING account_id, account_name, active_on
            """,
            {"now": now, "cutoff": cutoff, "most": most},
        ).fetchall()
        return [DueAccount(*row) for row in rows]

    def count_to_remind(self, cutoff: date, as_of: date) -> int:
        row = self._tx.execute(
            "SELECT (SELECT count(*) FROM account WHERE state IN ('active', 'frozen') AND reminded_days IS NULL"
            "  AND active_on <= %(cutoff)s AND (active_on + interval '12 months')::date - 30 <= %(as_of)s::date)"
            " + (SELECT count(*) FROM account WHERE state IN ('active', 'frozen') AND reminded_days = 30"
            "  AND disable_on <= %(as_of)s::date + 7)",
            {"cutoff": cutoff, "as_of": as_of},
        ).fetchone()
        return int(row[0]) if row else 0

    def remind_first_batch(self, cutoff: date, as_of: date, *, most: int) -> list[RemindedAccount]:
        """Remind up to `most` accounts within 30 days of their end for the first time since they were last used.

        The day named is never nearer than 30 days, however late the run.
        """
        rows = self._tx.execute(
            """
            UPDATE account SET reminded_days = 30,
                               disable_on = greatest((active_on + interval '12 months')::date, %(as_of)s::date + 30)
            WHERE account_id IN (
                SELECT account_id FROM account
                WHERE state IN ('active', 'frozen') AND reminded_days IS NULL AND active_on <= %(cutoff)s
                  AND (active_on + interval '12 months')::date - 30 <= %(as_of)s::date
                ORDER BY active_on LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING account_id, account_name, active_on, reminded_days, disable_on
            """,
            {"cutoff": cutoff, "as_of": as_of, "most": most},
        ).fetchall()
        return [RemindedAccount(*row) for row in rows]

    def remind_second_batch(self, as_of: date, *, most: int) -> list[RemindedAccount]:
        """Remind those again whose promised day is within 7 days."""
        rows = self._tx.execute(
            """
            UPDATE account SET reminded_days = 7, disable_on = greatest(disable_on, %(as_of)s::date + 7)
            WHERE account_id IN (
                SELECT account_id FROM account
                WHERE state IN ('active', 'frozen') AND reminded_days = 30 AND disable_on <= %(as_of)s::date + 7
                ORDER BY disable_on LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING account_id, account_name, active_on, reminded_days, disable_on
            """,
            {"as_of": as_of, "most": most},
        ).fetchall()
        return [RemindedAccount(*row) for row in rows]
