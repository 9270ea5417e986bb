"""SQL of the lifecycle: set-based, in bounded batches, each question answered from an index on the stored days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.inactivity.rules import InactivityDates
from accounts.lifecycle.rules import TIMER, Change, DueAccount, Planned, Run, Step

DUE = "account_id, account_name, active_on, freeze_on, remind_on, disable_on, reminded_days"
IN_USE = "state IN ('active', 'frozen')"
# What is due on a day, by step. To disable comes first: who is disabled is not frozen before.
CONDITIONS = {
    Step.DISABLE: f"{IN_USE} AND remind_on IS NULL AND disable_on <= %(today)s",
    Step.FREEZE: "state = 'active' AND freeze_on <= %(today)s AND NOT (remind_on IS NULL AND disable_on <= %(today)s)",
    Step.REMIND: f"{IN_USE} AND remind_on IS NOT NULL AND remind_on <= %(today)s",
}
DUE_ON = {Step.DISABLE: "disable_on", Step.FREEZE: "freeze_on", Step.REMIND: "remind_on"}
# The report of a run.
RUN = "run_id, started_by, as_of, started_at, last_step_at, finished_at, frozen, reminded, disabled"
COUNTED = {Step.FREEZE: "frozen", Step.REMIND: "reminded", Step.DISABLE: "disabled"}


class LifecycleStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def freeze_due_accounts(self, today: date, *, now: datetime, limit: int) -> list[DueAccount]:
        """Freeze up to `limit` accounts and return them. Skips rows that another run has locked: it freezes them."""
        rows = self._tx.execute(
            f"""
            WITH due AS MATERIALIZED (
                SELECT account_id FROM account WHERE state = 'active' AND freeze_on <= %(today)s
                ORDER BY freeze_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            UPDATE account SET state = 'frozen', frozen_at = %(now)s
            WHERE account_id IN (SELECT account_id FROM due)
            RETURNING {DUE}
            """,
            {"now": now, "today": today, "limit": limit},
        ).fetchall()
        return [_due(row) for row in rows]

    def disable_due_accounts(self, today: date, *, now: datetime, limit: int) -> list[DueAccount]:
        """Disable up to `limit` accounts whose last reminder named today or an earlier day, and return them."""
        rows = self._tx.execute(
            f"""
            WITH due AS MATERIALIZED (
                SELECT account_id FROM account WHERE {CONDITIONS[Step.DISABLE]}
                ORDER BY disable_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            UPDATE account SET state = 'disabled', disabled_at = %(now)s
            WHERE account_id IN (SELECT account_id FROM due)
            RETURNING {DUE}
            """,
            {"now": now, "today": today, "limit": limit},
        ).fetchall()
        return [_due(row) for row in rows]

    def accounts_to_remind(self, today: date, *, limit: int) -> list[DueAccount]:
        """Lock up to `limit` accounts whose next reminder is due. Skips rows that another run has locked."""
        rows = self._tx.execute(
            f"SELECT {DUE} FROM account WHERE {CONDITIONS[Step.REMIND]}"
            " ORDER BY remind_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
            {"today": today, "limit": limit},
        ).fetchall()
        return [_due(row) for row in rows]

    def save_dates(self, dates: dict[UUID, InactivityDates]) -> None:
        """Store the days of many accounts in one statement."""
        self._tx.execute(
            "UPDATE account SET freeze_on = new.freeze_on, remind_on = new.remind_on, disable_on = new.disable_on,"
            " reminded_days = new.reminded_days"
            " FROM unnest(%(account_ids)s::uuid[], %(freeze_on)s::date[], %(remind_on)s::date[],"
            " %(disable_on)s::date[], %(reminded_days)s::integer[])"
            " AS new (account_id, freeze_on, remind_on, disable_on, reminded_days)"
            " WHERE account.account_id = new.account_id",
            {
                "account_ids": list(dates),
                **{
                    name: [getattr(each, name) for each in dates.values()]
                    for name in ("freeze_on", "remind_on", "disable_on", "reminded_days")
                },
            },
        )

    def accounts_in_use_after(self, account_id: UUID, *, limit: int) -> list[DueAccount]:
        """Lock the next accounts, by id, whose days may matter one day."""
        rows = self._tx.execute(
            f"SELECT {DUE} FROM account WHERE account_id > %s AND state IN ('approved', 'active', 'frozen')"
            " ORDER BY account_id LIMIT %s FOR UPDATE",
            (account_id, limit),
        ).fetchall()
        return [_due(row) for row in rows]

    # What a run would do

    def counts_due(self, today: date) -> dict[Step, int]:
        """How many accounts are due on a day, by step."""
        counts = ", ".join(
            f"(SELECT count(*) FROM account WHERE {CONDITIONS[step]}) AS {step}" for step in Step
        )
        row = self._tx.execute(f"SELECT {counts}", {"today": today}).fetchone()
        return dict(zip(Step, row or (), strict=True))

    def planned(
        self, today: date, *, step: Step | None, name: str | None, limit: int, offset: int
    ) -> tuple[list[Planned], int]:
        """A page of what a run on that day would do, what is due longest first, and how many there are in all.

        `name` is the beginning of an account name.
        """
        wanted = " UNION ALL ".join(
            f"SELECT '{each}' AS step, {DUE_ON[each]} AS due_on, {DUE} FROM account WHERE {CONDITIONS[each]}"
            " AND (%(name)s::text IS NULL OR starts_with(lower(account_name), lower(%(name)s)))"
            for each in ([step] if step else Step)
        )
        values = {"today": today, "name": name, "limit": limit, "offset": offset}
        rows = self._tx.execute(
            f"SELECT step, due_on, {DUE} FROM ({wanted}) AS due"
            " ORDER BY due_on, step, account_id LIMIT %(limit)s OFFSET %(offset)s",
            values,
        ).fetchall()
        total = self._tx.execute(f"SELECT count(*) FROM ({wanted}) AS due", values).fetchone()
        return [Planned(Step(row[0]), row[1], _due(row[2:])) for row in rows], total[0] if total else 0


class RunStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add_run(self, run_id: UUID, *, started_by: str, as_of: date, now: datetime) -> None:
        self._tx.execute(
            "INSERT INTO lifecycle_run (run_id, started_by, as_of, started_at, last_step_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (run_id, started_by, as_of, now, now),
        )

    def add_changes(self, run_id: UUID, step: Step, changes: list[Change], now: datetime) -> None:
        """Count what was done in this transaction, and store it account by account."""
        self._tx.execute(
            f"UPDATE lifecycle_run SET {COUNTED[step]} = {COUNTED[step]} + %s, last_step_at = %s WHERE run_id = %s",
            (len(changes), now, run_id),
        )
        self._tx.execute(
            "INSERT INTO lifecycle_change (run_id, account_id, account_name, step, active_on, notice_days, disable_on)"
            " SELECT %(run_id)s, account_id, account_name, %(step)s, active_on, notice_days, disable_on"
            " FROM unnest(%(account_ids)s::uuid[], %(names)s::text[], %(active_on)s::date[], %(notices)s::integer[],"
            " %(disable_on)s::date[]) AS done (account_id, account_name, active_on, notice_days, disable_on)",
            {
                "run_id": run_id,
                "step": step,
                "account_ids": [change.account_id for change in changes],
                "names": [change.account_name for change in changes],
                "active_on": [change.active_on for change in changes],
                "notices": [change.notice_days for change in changes],
                "disable_on": [change.disable_on for change in changes],
            },
        )

    def finish_run(self, run_id: UUID, now: datetime) -> None:
        """The run came to its end. Of the timer's runs that had nothing to do only the last is kept."""
        self._tx.execute(
            "UPDATE lifecycle_run SET finished_at = %(now)s, last_step_at = %(now)s WHERE run_id = %(run_id)s",
            {"now": now, "run_id": run_id},
        )
        self._tx.execute(
            "DELETE FROM lifecycle_run WHERE started_by = %s AND finished_at IS NOT NULL AND run_id <> %s"
            " AND frozen = 0 AND reminded = 0 AND disabled = 0",
            (TIMER, run_id),
        )

    def run(self, run_id: UUID) -> Run | None:
        row = self._tx.execute(f"SELECT {RUN} FROM lifecycle_run WHERE run_id = %s", (run_id,)).fetchone()
        return _run(row) if row else None

    def runs(self, *, limit: int, offset: int) -> tuple[list[Run], int]:
        """A page of runs, the newest first, and how many there are in all."""
        rows = self._tx.execute(
            f"SELECT {RUN} FROM lifecycle_run ORDER BY started_at DESC, run_id LIMIT %s OFFSET %s",
            (limit, offset),
        ).fetchall()
        total = self._tx.execute("SELECT count(*) FROM lifecycle_run").fetchone()
        return [_run(row) for row in rows], total[0] if total else 0

    def changes(self, run_id: UUID, *, after: int, limit: int) -> list[tuple[int, Change]]:
        """What a run did, in its order, each with its position; `after` is the position that was read last."""
        rows = self._tx.execute(
            "SELECT position, account_id, account_name, step, active_on, notice_days, disable_on FROM lifecycle_change"
            " WHERE run_id = %s AND position > %s ORDER BY position LIMIT %s",
            (run_id, after, limit),
        ).fetchall()
        return [
            (position, Change(account_id, name, Step(step), *rest))
            for position, account_id, name, step, *rest in rows
        ]


def _due(row: tuple[Any, ...]) -> DueAccount:
    account_id, account_name, *dates = row
    return DueAccount(account_id, account_name, InactivityDates(*dates))


def _run(row: tuple[Any, ...]) -> Run:
    names = [name.strip() for name in RUN.split(",")]
    return Run(**dict(zip(names, row, strict=True)))
