"""SQL of the lifecycle: set-based, in bounded batches, each question answered from an index on what is due."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.lifecycle.rules import DueAccount


class LifecycleStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def count_to_freeze(self, cutoff: date) -> int:
        return self._count(
            "SELECT count(*) FROM account WHERE state = 'active' AND active_on <= %(cutoff)s", cutoff=cutoff
        )

    def freeze_due_accounts(self, cutoff: date, *, now: datetime, limit: int) -> list[DueAccount]:
        """Freeze up to `limit` accounts that nobody used after `cutoff`, and return them.

        Skips rows that another run has locked: that run freezes them.
        """
        rows = self._tx.execute(
            """
            UPDATE account SET state = 'frozen', frozen_at = %(now)s
            WHERE account_id IN (
                SELECT account_id FROM account WHERE state = 'active' AND active_on <= %(cutoff)s
                ORDER BY active_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            RETURNING account_id, account_name, active_on, disable_on
            """,
            {"now": now, "cutoff": cutoff, "limit": limit},
        ).fetchall()
        return [DueAccount(*row) for row in rows]

    def count_for_first_reminder(self, cutoff: date) -> int:
        return self._count(
            "SELECT count(*) FROM account WHERE state IN ('active', 'frozen') AND reminded_days IS NULL"
            " AND active_on <= %(cutoff)s",
            cutoff=cutoff,
        )

    def accounts_for_first_reminder(self, cutoff: date, *, limit: int) -> list[DueAccount]:
        """Lock up to `limit` accounts that nobody used after `cutoff` and that were not reminded since."""
        rows = self._tx.execute(
            "SELECT account_id, account_name, active_on, disable_on FROM account"
            " WHERE state IN ('active', 'frozen') AND reminded_days IS NULL AND active_on <= %(cutoff)s"
            " ORDER BY active_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
            {"cutoff": cutoff, "limit": limit},
        ).fetchall()
        return [DueAccount(*row) for row in rows]

    def count_for_second_reminder(self, cutoff: date, *, reminded_days: int) -> int:
        return self._count(
            "SELECT count(*) FROM account WHERE state IN ('active', 'frozen')"
            " AND reminded_days = %(reminded_days)s AND disable_on <= %(cutoff)s",
            cutoff=cutoff,
            reminded_days=reminded_days,
        )

    def accounts_for_second_reminder(
        self, cutoff: date, *, reminded_days: int, limit: int
    ) -> list[DueAccount]:
        """Lock up to `limit` accounts whose first reminder (of `reminded_days`) named `cutoff` or an earlier day."""
        rows = self._tx.execute(
            "SELECT account_id, account_name, active_on, disable_on FROM account"
            " WHERE state IN ('active', 'frozen') AND reminded_days = %(reminded_days)s"
            " AND disable_on <= %(cutoff)s ORDER BY disable_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
            {"cutoff": cutoff, "reminded_days": reminded_days, "limit": limit},
        ).fetchall()
        return [DueAccount(*row) for row in rows]

    def save_reminders(self, disable_on: dict[UUID, date], *, notice_days: int) -> None:
        """Store for many accounts which reminder they got, and the day that it names."""
        self._tx.execute(
            "UPDATE account SET reminded_days = %(notice_days)s, disable_on = reminded.disable_on"
            " FROM unnest(%(account_ids)s::uuid[], %(days)s::date[]) AS reminded (account_id, disable_on)"
            " WHERE account.account_id = reminded.account_id",
            {
                "notice_days": notice_days,
                "account_ids": list(disable_on),
                "days": list(disable_on.values()),
            },
        )

    def _count(self, query: str, **values: date | int) -> int:
        row = self._tx.execute(query, values).fetchone()
        return int(row[0]) if row else 0
