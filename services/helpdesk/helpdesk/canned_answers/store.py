"""SQL of texts that are kept ready, and of the views that an agent keeps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.canned_answers.rules import CannedAnswer, CannedAnswerNotFound

COLUMNS = "canned_answer_id, title, category, body_zh, body_en, used, version, updated_at, updated_by"


class CannedAnswerStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def all(self, most: int) -> list[CannedAnswer]:
        """Most used first."""
        with self._tx.cursor(row_factory=class_row(CannedAnswer)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM canned_answer WHERE retired_at IS NULL ORDER BY used DESC, title LIMIT %s",
                (most,),
            ).fetchall()

    def for_update(self, canned_answer_id: UUID) -> CannedAnswer:
        """Raises CannedAnswerNotFound."""
        with self._tx.cursor(row_factory=class_row(CannedAnswer)) as cursor:
            found = cursor.execute(
                f"SELECT {COLUMNS} FROM canned_answer WHERE canned_answer_id = %s AND retired_at IS NULL FOR UPDATE",
                (canned_answer_id,),
            ).fetchone()
        if found is None:
            raise CannedAnswerNotFound
        return found

    def save(self, answer: CannedAnswer) -> None:
        self._tx.execute(
            f"INSERT INTO canned_answer ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (canned_answer_id) DO UPDATE SET title = EXCLUDED.title, category = EXCLUDED.category,"
            " body_zh = EXCLUDED.body_zh, body_en = EXCLUDED.body_en, version = EXCLUDED.version,"
            " updated_at = EXCLUDED.updated_at, updated_by = EXCLUDED.updated_by",
            (
                answer.canned_answer_id,
                answer.title,
                answer.category,
                answer.body_zh,
                answer.body_en,
                answer.used,
                answer.version,
                answer.updated_at,
                answer.updated_by,
            ),
        )

    def retire(self, canned_answer_id: UUID, at: datetime) -> None:
        self._tx.execute(
            "UPDATE canned_answer SET retired_at = %s WHERE canned_answer_id = %s", (at, canned_answer_id)
        )

    def count_use(self, canned_answer_id: UUID) -> None:
        self._tx.execute(
            "UPDATE canned_answer SET used = used + 1 WHERE canned_answer_id = %s", (canned_answer_id,)
        )

    def views_of(self, account_id: UUID) -> list[tuple[UUID, str, str]]:
        rows: list[tuple[UUID, str, str]] = self._tx.execute(
            "SELECT view_id, name, query FROM saved_view WHERE account_id = %s ORDER BY name", (account_id,)
        ).fetchall()
        return rows

    def save_view(self, account_id: UUID, name: str, query: str) -> None:
        self._tx.execute(
            "INSERT INTO saved_view (view_id, account_id, name, query) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (account_id, name) DO UPDATE SET query = EXCLUDED.query",
            (uuid4(), account_id, name, query),
        )

    def remove_view(self, account_id: UUID, view_id: UUID) -> None:
        """Of nobody else."""
        self._tx.execute(
            "DELETE FROM saved_view WHERE account_id = %s AND view_id = %s", (account_id, view_id)
        )

    def lock_views_of(self, account_id: UUID) -> None:
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"saved_view/{account_id}",)
        )
