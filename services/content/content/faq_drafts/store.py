"""SQL of proposed questions."""

from __future__ import annotations

from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from content.faq_drafts.rules import MOST_WAITING_COUNTED, FaqDraft

COLUMNS = (
    "draft_id, state, category, question, answer, ticket_number, proposed_by, proposed_by_name, proposed_at,"
    " decided_by_name, decided_at, reason, slug, version"
)


class FaqDraftStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def draft(self, draft_id: UUID) -> FaqDraft | None:
        return self._draft(draft_id, "")

    def draft_for_update(self, draft_id: UUID) -> FaqDraft | None:
        return self._draft(draft_id, " FOR UPDATE")

    def _draft(self, draft_id: UUID, lock: str) -> FaqDraft | None:
        with self._tx.cursor(row_factory=class_row(FaqDraft)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS}, number FROM faq_draft WHERE draft_id = %s{lock}", (draft_id,)
            ).fetchone()

    def listed(self, state: str | None, before: int | None, limit: int) -> list[FaqDraft]:
        """Newest number first."""
        conditions = ["true"]
        conditions += ["state = %(state)s"] if state else []
        conditions += ["number < %(before)s"] if before is not None else []
        with self._tx.cursor(row_factory=class_row(FaqDraft)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS}, number FROM faq_draft WHERE {' AND '.join(conditions)}"
                " ORDER BY number DESC LIMIT %(limit)s",
                {"state": state, "before": before, "limit": limit},
            ).fetchall()

    def waiting(self) -> int:
        """At most MOST_WAITING_COUNTED."""
        row = self._tx.execute(
            "SELECT count(*) FROM (SELECT 1 FROM faq_draft WHERE state = 'proposed' LIMIT %s) AS waiting",
            (MOST_WAITING_COUNTED,),
        ).fetchone()
        return int(row[0]) if row else 0

    def add(self, draft: FaqDraft) -> None:
        """One that is known already stays as it is."""
        self._tx.execute(
            f"INSERT INTO faq_draft ({COLUMNS}) VALUES ({_places()}) ON CONFLICT (draft_id) DO NOTHING",
            _values(draft),
        )

    def save(self, draft: FaqDraft) -> None:
        changed = (
            "state",
            "category",
            "question",
            "answer",
            "decided_by_name",
            "decided_at",
            "reason",
            "slug",
        )
        self._tx.execute(
            f"UPDATE faq_draft SET {', '.join(f'{name} = %({name})s' for name in (*changed, 'version'))}"
            " WHERE draft_id = %(draft_id)s",
            _values(draft),
        )


def _places() -> str:
    return ", ".join(f"%({name})s" for name in COLUMNS.split(", "))


def _values(draft: FaqDraft) -> dict[str, object]:
    return vars(draft) | {
        "question": Jsonb(dict(draft.question)),
        "answer": Jsonb(dict(draft.answer)),
    }
