"""The questions of a lifecycle run: set-based, in bounded batches, cost following what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.database import Tx


@dataclass(frozen=True)
class DueAccount:
    account_id: UUID
    account_name: str
    active_on: date


@dataclass(frozen=True)
class RemindedAccount:
    """An account near its end, and which reminders it had in this cycle."""

    account_id: UUID
    account_name: str
    active_on: date
    sent: frozenset[int]


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

    def near_disabling(
        self, cutoff: date, *, after: tuple[date, UUID] | None, most: int
    ) -> list[RemindedAccount]:
        """A batch of accounts whose end is within the longest notice, locked; oldest activity first."""
        rows = self._tx.execute(
            """
            SELECT account_id, account_name, active_on,
                   (SELECT coalesce(array_agg(notice_days), '{}') FROM reminder_sent
                    WHERE reminder_sent.account_id = account.account_id AND cycle = account.active_on)
            FROM account
            WHERE state IN ('active', 'frozen') AND active_on <= %(cutoff)s
              AND (%(after_day)s::date IS NULL OR (active_on, account_id) > (%(after_day)s, %(after_id)s))
            ORDER BY active_on, account_id LIMIT %(most)s
            FOR UPDATE SKIP LOCKED
            """,
            {
                "cutoff": cutoff,
                "after_day": after[0] if after else None,
                "after_id": after[1] if after else None,
                "most": most,
            },
        ).fetchall()
        return [RemindedAccount(row[0], row[1], row[2], frozenset(row[3])) for row in rows]

    def add_reminders(self, sent: list[tuple[UUID, date, int]], now: datetime) -> set[tuple[UUID, int]]:
        """Record reminders, and tell which were not recorded before."""
        rows = self._tx.execute(
            "INSERT INTO reminder_sent (account_id, cycle, notice_days, sent_at)"
            " SELECT account_id, cycle, notice_days, %s"
            " FROM unnest(%s::uuid[], %s::date[], %s::integer[]) AS due (account_id, cycle, notice_days)"
            " ON CONFLICT DO NOTHING RETURNING account_id, notice_days",
            (now, [s[0] for s in sent], [s[1] for s in sent], [s[2] for s in sent]),
        ).fetchall()
        return {(row[0], row[1]) for row in rows}
