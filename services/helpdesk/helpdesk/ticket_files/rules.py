"""Which file of a ticket may be opened, and where its pages lie."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from helpdesk.file_checks.rules import FileMissing

PAGE_MEDIA_TYPE = "image/png"


@dataclass(frozen=True)
class NotScanned:
    """A file that nobody has looked at. `channel`: by which it came."""

    attachment_id: UUID
    key: str
    filename: str
    channel: str


@dataclass(frozen=True)
class TicketFile:
    """`held_back`: why nobody can open it, else empty. `pages`: so many pictures stand in for it."""

    key: str
    filename: str
    media_type: str
    size: int
    held_back: str
    pages: int

    def page_key(self, page: int) -> str:
        """Where the picture of a page (from 1) lies. Raises FileMissing."""
        if self.held_back or not 1 <= page <= self.pages:
            raise FileMissing
        return f"{self.key}-{page}.png"

    def require_open(self) -> None:
        """Raises FileMissing."""
        if self.held_back:
            raise FileMissing
