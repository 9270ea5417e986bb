"""What can be asked of the list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.masking import masked_contact

from helpdesk.deadlines.rules import NEVER
from helpdesk.requesters import actions as requesters
from helpdesk.requesters.rules import RequesterNotFound
from helpdesk.ticket_list.rules import Asked, Place, order_of, place_of
from helpdesk.ticket_list.store import ChangedLine, Line, TicketListStore

# Of a transaction that began a moment ago and commits late: what it changed is shown all the same.
LOOK_BACK = timedelta(seconds=2)
FIRST = UUID(int=0)
NOTHING: dict[str, Any] = {"items": [], "next_after": None, "whole": True}


def page(
    tx: Tx, asked: Asked, me: UUID, now: datetime, *, requester_id: UUID | None, after: str | None, limit: int
) -> dict[str, Any]:
    """Raises NotAPlace."""
    if requester_id is not None:
        try:
            asked = of_person(tx, asked, requester_id)
        except RequesterNotFound:
            return NOTHING
    place = place_of(after) if after else None
    lines = TicketListStore(tx).page(asked, me, now, place, limit + 1)
    more = lines[limit:]
    shown = lines[:limit]
    return {
        "items": [line_view(line, now) | {"found": None} for line in shown],
        "next_after": str(_place(asked, shown[-1])) if more else None,
        "whole": True,
    }


def of_person(tx: Tx, asked: Asked, requester_id: UUID) -> Asked:
    """Raises RequesterNotFound."""
    return replace(asked, requester_ids=tuple(requesters.person_ids(tx, requester_id)))


def counts(tx: Tx, me: UUID, now: datetime, most: int) -> list[dict[str, Any]]:
    found = TicketListStore(tx).counts(me, now, most + 1)
    return [{"view": view, "count": min(count, most), "more": count > most} for view, count in found.items()]


def changes(tx: Tx, after: str | None, now: datetime, most: int) -> tuple[list[ChangedLine], str]:
    """What has changed since a place, and the place to ask with next time. Raises NotAPlace.

    The last two seconds are told twice: a transaction that began before another one may commit after it.
    """
    store = TicketListStore(tx)
    if after is None:
        return [], str(Place(now - LOOK_BACK, FIRST))
    found = store.changed_after(place_of(after), most)
    end = Place(found[-1].updated_at, found[-1].ticket_id) if found else place_of(after)
    horizon = now - LOOK_BACK
    if len(found) < most and end.at > horizon:
        end = Place(max(horizon, place_of(after).at), FIRST)
    return found, str(end)


def newest_of(tx: Tx, requester_ids: Collection[UUID], now: datetime, most: int) -> list[dict[str, Any]]:
    """The newest tickets of one person; what was merged stands in the one that goes on."""
    return [line_view(line, now) for line in TicketListStore(tx).newest_of(list(requester_ids), most)]


def line_of(tx: Tx, ticket_id: UUID, now: datetime) -> dict[str, Any]:
    """As the list shows it; the ticket exists."""
    (line,) = TicketListStore(tx).lines([ticket_id])
    return line_view(line, now)


def line_view(line: Line, now: datetime) -> dict[str, Any]:
    leased = line.lease_expires_at is not None and line.lease_expires_at > now
    return vars(line) | {
        "address": masked_contact(line.address) if line.address else "",
        "due_at": line.due_at if line.due_at < NEVER else None,
        "overdue": line.due_at <= now,
        "lease_by": line.lease_name if leased else None,
    }


def _place(asked: Asked, line: Line) -> Place:
    return Place(getattr(line, order_of(asked)[0]), line.ticket_id)
