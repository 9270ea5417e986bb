"""A page became public."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ContentPublished(Event):
    """A page became public, or a newer version of it did. `kind` is announcement, news or faq."""

    source = "content"
    aggregate = "page"
    subject = "page_id"
    holds = Holds.FACTS
    needs_subscriber = False

    page_id: UUID
    kind: str
    slug: str
    published_at: datetime
