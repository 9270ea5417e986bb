"""SQL of proposals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from helpdesk.faq_proposals.rules import Proposal

COLUMNS = "draft_id, ticket_id, state, question, proposed_by, proposed_by_name, proposed_at, decided_at, reason, slug"


class ProposalStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def of_ticket(self, ticket_id: UUID, limit: int) -> list[Proposal]:
        """Newest first."""
        with self._tx.cursor(row_factory=class_row(Proposal)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM faq_proposal WHERE ticket_id = %s ORDER BY proposed_at DESC LIMIT %s",
                (ticket_id, limit),
            ).fetchall()

    def add(self, proposal: Proposal) -> bool:
        """False where one of the ticket is undecided."""
        return (
            self._tx.execute(
                f"INSERT INTO faq_proposal ({COLUMNS})"
                f" VALUES ({', '.join(f'%({name})s' for name in COLUMNS.split(', '))})"
                " ON CONFLICT (ticket_id) WHERE state = 'proposed' DO NOTHING RETURNING 1",
                vars(proposal) | {"question": Jsonb(dict(proposal.question))},
            ).fetchone()
            is not None
        )

    def decide(
        self, draft_id: UUID, state: str, decided_at: datetime, reason: str, slug: str | None
    ) -> UUID | None:
        """The ticket; None where it was decided before, or the ticket is kept no more."""
        row = self._tx.execute(
            "UPDATE faq_proposal SET state = %s, decided_at = %s, reason = %s, slug = %s"
            " WHERE draft_id = %s AND state = 'proposed' RETURNING ticket_id",
            (state, decided_at, reason, slug, draft_id),
        ).fetchone()
        return row[0] if row else None
