"""SQL of the files of tickets."""

from __future__ import annotations

from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.file_checks.rules import FileMissing
from helpdesk.ticket_files.rules import TicketFile


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
