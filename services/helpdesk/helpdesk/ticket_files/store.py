"""SQL of the files of tickets."""

from __future__ import annotations

from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.file_checks.rules import FileMissing
from helpdesk.ticket_files.rules import NotScanned, TicketFile


class TicketFileStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def file(self, attachment_id: UUID) -> TicketFile:
        """Raises FileMissing."""
        row = self._tx.execute(
            "SELECT file_key, filename, media_type, size, held_back, pages FROM attachment"
            " WHERE attachment_id = %s",
            (attachment_id,),
        ).fetchone()
        if row is None:
            raise FileMissing
        return TicketFile(*row)

    def not_scanned(self, most: int) -> list[NotScanned]:
        with self._tx.cursor(row_factory=class_row(NotScanned)) as cursor:
            return cursor.execute(
                "SELECT a.attachment_id, a.file_key AS key, a.filename, e.channel"
                " FROM attachment a JOIN entry e USING (entry_id) WHERE a.held_back = 'not_scanned'"
                " ORDER BY a.attachment_id LIMIT %s",
                (most,),
            ).fetchall()

    def scanned(self, attachment_id: UUID, held_back: str, pages: int) -> None:
        self._tx.execute(
            "UPDATE attachment SET held_back = %s, pages = %s"
            " WHERE attachment_id = %s AND held_back = 'not_scanned'",
            (held_back, pages, attachment_id),
        )
