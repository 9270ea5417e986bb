"""The list by a text: the index says which numbers, the rows are read with the view and filters that were asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_search.number_index import NumberIndex

from helpdesk.requesters.rules import RequesterNotFound
from helpdesk.ticket_list.actions import NOTHING, line_view, of_person
from helpdesk.ticket_list.rules import Asked, NotAPlace, Place, place_of, tags_of
from helpdesk.ticket_list.store import Line, TicketListStore
from helpdesk.ticket_search import actions as ticket_search
from helpdesk.ticket_search.rules import addresses_in
from helpdesk.ticket_search.rules import place_of as count_of

# Numbers that are looked up at once where filters leave too few, and for one page at most.
LOOKED_UP, MOST_LOOKED_THROUGH = 300, 1_000
# Of each thread, what is looked through for a piece to show.
ROWS_SHOWN, LONGEST_SHOWN, PIECE = 20, 4_000, 90


def found(
    tx: Tx,
    index: NumberIndex,
    asked: Asked,
    text: str,
    me: UUID,
    now: datetime,
    *,
    requester_id: UUID | None,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """What a text finds, newest first. Raises NotAPlace, NotReady."""
    store = TicketListStore(tx)
    if requester_id is not None:
        try:
            asked = of_person(tx, asked, requester_id)
        except RequesterNotFound:
            return NOTHING
    below = store.number_at(place_of(after)) if after else None
    if after and below is None:
        raise NotAPlace
    tags, any_of = tags_of(asked, me)
    addresses = addresses_in(text)
    besides = store.numbers_of_addresses(addresses, MOST_LOOKED_THROUGH) if addresses else []
    lines: list[Line] = []
    looked, more = 0, True
    while more and looked < MOST_LOOKED_THROUGH and len(lines) <= limit:
        numbers, more = ticket_search.numbers_below(
            index,
            text,
            below,
            tags=tags,
            any_of=any_of,
            besides=besides,
            limit=LOOKED_UP if looked else limit + 1,
        )
        rows = store.numbered(asked, me, now, numbers)
        lines += sorted(rows, key=lambda line: count_of(line.number), reverse=True)
        looked += len(numbers)
        below = numbers[-1] if numbers else below
    shown = lines[:limit]
    ended: Place | None = None
    if len(lines) > limit:
        ended = Place(shown[-1].created_at, shown[-1].ticket_id)
    elif more and below:  # so many were looked through that the rest is for the next page
        ended = store.place_of(below)
    return {
        "items": _with_marks(store, shown, text, now),
        "next_after": str(ended) if ended else None,
        "whole": ticket_search.is_whole(index),
    }


def _with_marks(store: TicketListStore, lines: list[Line], text: str, now: datetime) -> list[dict[str, Any]]:
    said = store.said([line.ticket_id for line in lines], ROWS_SHOWN, LONGEST_SHOWN)
    marked = ticket_search.marker_of(text)

    def parts(value: str, length: int | None = None) -> list[dict[str, Any]]:
        return [part._asdict() for part in marked(value, length)]

    return [
        line_view(line, now)
        | {
            "found": {
                "subject": parts(line.subject),
                "requester_name": parts(line.requester_name),
                "said": parts(said.get(line.ticket_id, ""), PIECE),
            }
        }
        for line in lines
    ]
