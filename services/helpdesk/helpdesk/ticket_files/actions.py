"""What can be done with the files of tickets: open one, or a page of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from helpdesk.ticket_files.rules import PAGE_MEDIA_TYPE, NotScanned
from helpdesk.ticket_files.store import TicketFileStore


def file(tx: Tx, attachment_id: UUID) -> dict[str, Any]:
    """Raises FileMissing."""
    found = TicketFileStore(tx).file(attachment_id)
    found.require_open()
    return {
        "key": found.key,
        "filename": found.filename,
        "media_type": found.media_type,
        "size_bytes": found.size,
    }


def page(tx: Tx, attachment_id: UUID, page: int) -> dict[str, Any]:
    """A picture that the desk drew of a page, from 1. Raises FileMissing."""
    found = TicketFileStore(tx).file(attachment_id)
    return {
        "key": found.page_key(page),
        "filename": f"{found.filename}-{page}.png",
        "media_type": PAGE_MEDIA_TYPE,
        "size_bytes": 0,
    }


def not_scanned(tx: Tx, most: int) -> list[NotScanned]:
    """Files that nobody could look at when they came."""
    return TicketFileStore(tx).not_scanned(most)


def scanned(tx: Tx, attachment_id: UUID, held_back: str, pages: int) -> None:
    """Somebody has looked at it. `held_back`: why it stays closed; empty opens it."""
    TicketFileStore(tx).scanned(attachment_id, held_back, pages)
