"""SQL of the figures: what is counted of a day, and the sums of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from helpdesk.desk_figures.rules import BOUNDS, NO_CATEGORY, Alike, Missed, Slice, Sums

# The columns of a slice; which one is told apart is a name of these.
PARTS: tuple[LiteralString, ...] = ("channel", "category", "team")
SCALARS: tuple[LiteralString, ...] = ("opened", "answered", "answered_in_time", "solved", "solved_in_time")
ARRAYS: tuple[LiteralString, ...] = ("hours", "ratings", "first_answer_times", "solution_times")


@dataclass(frozen=True)
class OfDay:
    day: date
    opened: int
    answered: int
    solved: int


class DeskFigureStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # Counting.

    def take_touched_days(self, limit: int) -> list[date]:
        """The newest of those that are to be counted anew; they are counted in this transaction."""
        rows = self._tx.execute(
            "DELETE FROM desk_day_touched WHERE day IN (SELECT day FROM (SELECT DISTINCT day FROM desk_day_touched) d"
            " ORDER BY day DESC LIMIT %s) RETURNING day",
            (limit,),
        ).fetchall()
        return sorted({row[0] for row in rows})

    def tickets_of(self, begins: datetime, ends: datetime) -> list[Alike]:
        """What was opened in that time, those alike together."""
        with self._tx.cursor(row_factory=class_row(Alike)) as cursor:
            return cursor.execute(
                "SELECT channel, coalesce(category, %(no_category)s) AS category, team,"
                " extract(hour FROM created_at AT TIME ZONE 'Asia/Taipei')::integer AS hour,"
                " width_bucket(extract(epoch FROM first_answered_at - created_at)::integer, %(bounds)s::integer[])"
                " AS answer_class, coalesce(first_answered_at <= first_answer_due_at, false) AS answered_in_time,"
                " width_bucket(extract(epoch FROM resolved_at - created_at)::integer, %(bounds)s::integer[])"
                " AS solution_class, coalesce(resolved_at <= solution_due_at, false) AS solved_in_time,"
                " satisfaction, count(*) AS tickets FROM ticket"
                " WHERE listed AND created_at >= %(begins)s AND created_at < %(ends)s"
                " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
                {"no_category": NO_CATEGORY, "bounds": list(BOUNDS), "begins": begins, "ends": ends},
            ).fetchall()

    def save_day(self, day: date, counted: Mapping[Slice, Sums]) -> None:
        self._tx.execute("DELETE FROM desk_day WHERE day = %s", (day,))
        rows = [vars(chosen) | vars(sums) for chosen, sums in counted.items()]
        columns = ", ".join((*PARTS, *SCALARS, *ARRAYS))
        self._tx.execute(
            f"INSERT INTO desk_day (day, {columns}) SELECT %s, {columns}"
            " FROM jsonb_populate_recordset(NULL::desk_day, %s)",
            (day, Jsonb(rows)),
        )

    # What is told.

    def missed(self, opened_from: datetime, opened_until: datetime, now: datetime) -> list[Missed]:
        """What is past a deadline at this moment, of what was opened in that time, those alike together.

        Not counted ahead, as a deadline passes without a change of the ticket; few tickets are overdue.
        """
        with self._tx.cursor(row_factory=class_row(Missed)) as cursor:
            return cursor.execute(
                "SELECT channel, coalesce(category, %(no_category)s) AS category, team,"
                " count(*) FILTER (WHERE first_answered_at IS NULL AND first_answer_due_at <= %(now)s) AS unanswered,"
                " count(*) FILTER (WHERE paused_at IS NULL AND solution_due_at <= %(now)s) AS unsolved"
                " FROM ticket WHERE live AND due_at <= %(now)s"
                " AND created_at >= %(from)s AND created_at < %(until)s GROUP BY 1, 2, 3",
                {"no_category": NO_CATEGORY, "now": now, "from": opened_from, "until": opened_until},
            ).fetchall()

    def is_current(self) -> bool:
        """Whether all changes are counted."""
        row = self._tx.execute("SELECT NOT EXISTS (SELECT FROM desk_day_touched)").fetchone()
        return bool(row and row[0])

    def days(self, chosen: Slice, from_day: date, to_day: date) -> list[OfDay]:
        with self._tx.cursor(row_factory=class_row(OfDay)) as cursor:
            return cursor.execute(
                "SELECT day, opened, answered, solved FROM desk_day WHERE channel = %(channel)s"
                " AND category = %(category)s AND team = %(team)s AND day BETWEEN %(from)s AND %(to)s",
                vars(chosen) | {"from": from_day, "to": to_day},
            ).fetchall()

    def sums(self, slices: Sequence[Slice], from_day: date, to_day: date) -> dict[Slice, Sums]:
        """Of each slice of which there was something."""
        values: dict[str, Any] = {part: [getattr(each, part) for each in slices] for part in PARTS}
        values |= {"from": from_day, "to": to_day}
        of = (
            "FROM unnest(%(channel)s::text[], %(category)s::text[], %(team)s::text[])"
            " WITH ORDINALITY AS s (channel, category, team, place)"
            " JOIN desk_day d USING (channel, category, team)"
        )
        scalars = ", ".join(f"sum(d.{name})::integer" for name in SCALARS)
        found = {
            slices[place - 1]: Sums(*numbers)
            for place, *numbers in self._tx.execute(
                f"SELECT place::integer, {scalars} {of} WHERE day BETWEEN %(from)s AND %(to)s GROUP BY 1",
                values,
            ).fetchall()
        }
        for array in ARRAYS:
            rows = self._tx.execute(
                f"SELECT place::integer, at::integer, sum(n)::integer {of}"
                f" CROSS JOIN LATERAL unnest(d.{array}) WITH ORDINALITY AS a (n, at)"
                " WHERE day BETWEEN %(from)s AND %(to)s AND n > 0 GROUP BY 1, 2",
                values,
            ).fetchall()
            for place, at, tickets in rows:
                counts = getattr(found[slices[place - 1]], array)
                counts.extend([0] * (at - len(counts)))
                counts[at - 1] = tickets
        return found
