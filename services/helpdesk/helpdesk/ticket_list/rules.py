"""The list: which view shows what, in which order, and where a page ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID

# What is not live is shown newest first, whatever order was asked for.
LIVE_VIEWS = ("live", "mine", "unowned", "waiting", "overdue")
COUNTED = (*LIVE_VIEWS, "resolved")


@dataclass(frozen=True)
class Asked:
    """A view and filters, all of which must hold."""

    view: str = "live"
    states: tuple[str, ...] = ()
    owner_id: UUID | None = None
    team: str | None = None
    category: str | None = None
    priority: str | None = None
    channel: str | None = None
    requester_ids: tuple[UUID, ...] = field(default=())
    sort: str = "due"


@dataclass(frozen=True)
class Place:
    """The last line of a page: the next one begins behind it."""

    at: datetime
    ticket_id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.ticket_id}"


class NotAPlace(Exception):
    """No page ended there."""


def place_of(text: str) -> Place:
    """Raises NotAPlace."""
    at, _, ticket_id = text.partition(" ")
    try:
        found = Place(datetime.fromisoformat(at), UUID(ticket_id))
    except ValueError as problem:
        raise NotAPlace from problem
    if found.at.tzinfo is None:
        raise NotAPlace
    return found


# What the index of texts is narrowed to for a view; what else a view says is asked of the rows.
VIEW_TAGS = {
    "live": ("live",),
    "mine": ("live",),
    "unowned": ("live", "owner:none"),
    "waiting": ("waiting",),
    "overdue": ("live",),
    "resolved": ("listed", "state:resolved"),
    "closed": ("listed", "state:closed"),
    "spam": ("spam",),
    "all": ("listed",),
}


def tags_of(asked: Asked, me: UUID) -> tuple[list[str], list[list[str]]]:
    """Tags that a ticket must all have, and of each further list at least one."""
    tags = list(VIEW_TAGS[asked.view])
    tags += [f"owner:{me}"] if asked.view == "mine" else []
    tags += [f"owner:{asked.owner_id}"] if asked.owner_id else []
    for name in ("team", "category", "priority", "channel"):
        tags += [f"{name}:{value}"] if (value := getattr(asked, name)) else []
    any_of = [[f"state:{state}" for state in asked.states]] if asked.states else []
    any_of += [[f"requester:{each}" for each in asked.requester_ids]] if asked.requester_ids else []
    return tags, any_of


def order_of(asked: Asked) -> tuple[LiteralString, LiteralString]:
    """Column and direction; the id breaks a tie the same way."""
    if asked.view not in LIVE_VIEWS or asked.sort == "newest":
        return "created_at", "DESC"
    return ("due_at" if asked.sort == "due" else "last_inbound_at"), "ASC"
