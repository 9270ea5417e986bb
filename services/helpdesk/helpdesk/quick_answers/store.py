"""SQL of quick answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from helpdesk.quick_answers.rules import MOST_DUE_COUNTED, MOST_MISSING, Author, QuickAnswer, Version

CHANNEL = "quick_answers"
COLUMNS = (
    "answer_id, number, state, category, question, answer, owner_id, owner_name, review_on, version, changed_at,"
    " coalesce((SELECT used FROM quick_answer_use u WHERE u.answer_id = quick_answer.answer_id), 0) AS used"
)
INDEXED = "answer_id, state, category, question, answer, change"


class QuickAnswerStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def answer(self, answer_id: UUID) -> QuickAnswer | None:
        return self._answer(answer_id, "")

    def answer_for_update(self, answer_id: UUID) -> QuickAnswer | None:
        return self._answer(answer_id, " FOR UPDATE OF quick_answer")

    def _answer(self, answer_id: UUID, lock: str) -> QuickAnswer | None:
        with self._tx.cursor(row_factory=class_row(QuickAnswer)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM quick_answer WHERE answer_id = %s{lock}", (answer_id,)
            ).fetchone()

    def listed(
        self, state: str | None, category: str | None, before: int | None, limit: int
    ) -> list[QuickAnswer]:
        """Newest number first."""
        conditions = ["true"]
        conditions += ["state = %(state)s"] if state else []
        conditions += ["category = %(category)s"] if category else []
        conditions += ["number < %(before)s"] if before is not None else []
        values = {"state": state, "category": category, "before": before, "limit": limit}
        with self._tx.cursor(row_factory=class_row(QuickAnswer)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM quick_answer WHERE {' AND '.join(conditions)}"
                " ORDER BY number DESC LIMIT %(limit)s",
                values,
            ).fetchall()

    def due(self, today: date, category: str | None, limit: int) -> list[QuickAnswer]:
        """The longest overdue first."""
        with self._tx.cursor(row_factory=class_row(QuickAnswer)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM quick_answer WHERE state = 'published' AND review_on <= %(today)s"
                " AND (%(category)s::text IS NULL OR category = %(category)s)"
                " ORDER BY review_on, number LIMIT %(limit)s",
                {"today": today, "category": category, "limit": limit},
            ).fetchall()

    def due_count(self, today: date) -> int:
        """At most MOST_DUE_COUNTED."""
        return self._number(
            "SELECT count(*) FROM (SELECT 1 FROM quick_answer WHERE state = 'published' AND review_on <= %s LIMIT %s)"
            " AS due",
            (today, MOST_DUE_COUNTED),
        )

    def holds(self, many: int) -> bool:
        """Whether there are so many."""
        return many <= self._number(
            "SELECT count(*) FROM (SELECT 1 FROM quick_answer LIMIT %s) AS counted", (many,)
        )

    def save(self, answer: QuickAnswer, change: str, note: str, by: Author) -> None:
        """The answer and its version. Changes are numbered one transaction at a time, so that no number is visible
        before a smaller one; whoever follows them is woken by the commit."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (CHANNEL,))
        values = vars(answer) | {
            "question": Jsonb(dict(answer.question)),
            "answer": Jsonb(dict(answer.answer)),
            "change": change,
            "note": note,
            "by_id": by.account_id,
            "by_name": by.name,
        }
        self._tx.execute(
            "INSERT INTO quick_answer (answer_id, state, category, question, answer, owner_id, owner_name, review_on,"
            " version, changed_at, change) VALUES (%(answer_id)s, %(state)s, %(category)s, %(question)s, %(answer)s,"
            " %(owner_id)s, %(owner_name)s, %(review_on)s, %(version)s, %(changed_at)s, nextval('quick_answer_change'))"
            " ON CONFLICT (answer_id) DO UPDATE SET state = EXCLUDED.state, category = EXCLUDED.category,"
            " question = EXCLUDED.question, answer = EXCLUDED.answer, owner_id = EXCLUDED.owner_id,"
            " owner_name = EXCLUDED.owner_name, review_on = EXCLUDED.review_on, version = EXCLUDED.version,"
            " changed_at = EXCLUDED.changed_at, change = EXCLUDED.change",
            values,
        )
        self._tx.execute(
            "INSERT INTO quick_answer_version (answer_id, version, change, note, by_id, by_name, at, question, answer)"
            " VALUES (%(answer_id)s, %(version)s, %(change)s, %(note)s, %(by_id)s, %(by_name)s, %(changed_at)s,"
            " %(question)s, %(answer)s)",
            values,
        )
        self._tx.execute("SELECT pg_notify(%s, '')", (CHANNEL,))

    def versions(self, answer_id: UUID, before: int | None, limit: int) -> list[Version]:
        """Newest first."""
        with self._tx.cursor(row_factory=class_row(Version)) as cursor:
            return cursor.execute(
                "SELECT version, change, note, by_name, at, question, answer FROM quick_answer_version"
                " WHERE answer_id = %(id)s AND (%(before)s::integer IS NULL OR version < %(before)s)"
                " ORDER BY version DESC LIMIT %(limit)s",
                {"id": answer_id, "before": before, "limit": limit},
            ).fetchall()

    def use(self, answer_ids: Sequence[UUID], locale: str, day: date) -> dict[UUID, str]:
        """Counts those of them that are published, each once, also for that day; their texts."""
        rows = self._tx.execute(
            "WITH known AS (SELECT answer_id, answer ->> %s AS text FROM quick_answer"
            " WHERE answer_id = ANY (%s) AND state = 'published' ORDER BY answer_id),"
            " counted AS (INSERT INTO quick_answer_use (answer_id, used) SELECT answer_id, 1 FROM known"
            " ON CONFLICT (answer_id) DO UPDATE SET used = quick_answer_use.used + 1),"
            " of_day AS (INSERT INTO quick_answer_day (day, answer_id, used) SELECT %s, answer_id, 1 FROM known"
            " ON CONFLICT (day, answer_id) DO UPDATE SET used = quick_answer_day.used + 1)"
            " SELECT answer_id, text FROM known",
            (locale, list(answer_ids), day),
        ).fetchall()
        return {row[0]: row[1] for row in rows}

    def most_used(self, from_day: date, to_day: date, limit: int) -> list[tuple[UUID, dict[str, str], int]]:
        """Question by locale, and how often, in these days; most often first."""
        rows: list[tuple[UUID, dict[str, str], int]] = self._tx.execute(
            "SELECT u.answer_id, q.question, u.used FROM (SELECT answer_id, sum(used)::integer AS used"
            " FROM quick_answer_day WHERE day BETWEEN %s AND %s GROUP BY answer_id"
            " ORDER BY 2 DESC, 1 LIMIT %s) u JOIN quick_answer q USING (answer_id) ORDER BY u.used DESC, u.answer_id",
            (from_day, to_day, limit),
        ).fetchall()
        return rows

    def note_missing(self, text: str, typed: str, now: datetime) -> None:
        """Once more. A text that was not asked for before takes the place of one that was not asked for longest,
        where MOST_MISSING are kept."""
        self._tx.execute(
            "INSERT INTO missing_answer (text, typed, times, first_at, last_at) VALUES (%(text)s, %(typed)s, 1,"
            " %(now)s, %(now)s)"
            " ON CONFLICT (text) DO UPDATE SET times = missing_answer.times + 1, last_at = EXCLUDED.last_at",
            {"text": text, "typed": typed, "now": now},
        )
        self._tx.execute(
            "DELETE FROM missing_answer WHERE text IN"
            " (SELECT text FROM missing_answer ORDER BY last_at DESC OFFSET %s)",
            (MOST_MISSING,),
        )

    def missing(self, limit: int) -> list[tuple[str, int, datetime, datetime]]:
        """Most often asked first."""
        rows: list[tuple[str, int, datetime, datetime]] = self._tx.execute(
            "SELECT typed, times, first_at, last_at FROM missing_answer ORDER BY times DESC, last_at DESC LIMIT %s",
            (limit,),
        ).fetchall()
        return rows

    def source_id(self) -> str:
        """Which database this is."""
        row = self._tx.execute("SELECT source_id::text FROM quick_answer_source").fetchone()
        return str(row[0]) if row else ""

    def newest_change(self) -> int:
        return self._number("SELECT coalesce(max(change), 0) FROM quick_answer", ())

    def changes_after(
        self, change: int, limit: int | None
    ) -> list[tuple[UUID, str, str, dict[str, str], dict[str, str], int]]:
        """What is indexed of answers that were changed since, in the order of their changes."""
        rows: list[tuple[UUID, str, str, dict[str, str], dict[str, str], int]] = self._tx.execute(
            f"SELECT {INDEXED} FROM quick_answer WHERE change > %s ORDER BY change LIMIT %s", (change, limit)
        ).fetchall()
        return rows

    def _number(self, statement: str, values: tuple[object, ...]) -> int:
        row = self._tx.execute(statement, values).fetchone()
        return int(row[0]) if row else 0
