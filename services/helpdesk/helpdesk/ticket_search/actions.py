"""Which tickets a text finds, and what of them to mark."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_search import snippets
from mtnet_search.interface import Part
from mtnet_search.number_index import NumberIndex
from mtnet_search.queries import asked_pieces

from helpdesk.ticket_search.rules import number_at, place_of
from helpdesk.ticket_search.store import TicketSearchStore


def numbers_below(
    index: NumberIndex,
    text: str,
    below: str | None,
    *,
    tags: Collection[str],
    any_of: Sequence[Collection[str]],
    besides: Collection[str],
    limit: int,
) -> tuple[list[str], bool]:
    """Numbers of tickets below one, newest first, and whether there may be others below the last of them.

    `besides`: numbers that count as found. Raises NotReady.
    """
    under = place_of(below) if below else None
    found = index.numbers(text, tags=tags, any_of=any_of, below=under, limit=limit)
    more = len(found) == limit
    # Those known besides have their turn as far down as the index was asked.
    known = [place for place in map(place_of, besides) if under is None or place < under]
    both = {*found, *(place for place in known if not more or place >= found[-1])}
    return [number_at(place) for place in sorted(both, reverse=True)], more


def is_whole(index: NumberIndex) -> bool:
    """Whether all tickets can be found by now."""
    progress = index.progress()
    return progress is not None and progress.unfilled == 0


def marker_of(text: str) -> Callable[[str, int | None], list[Part]]:
    """Parts of a value, of which those that were asked for say so; with a length, the piece of it with most of them.
    Empty where nothing is to be marked."""
    asked = asked_pieces(text)

    def marked(value: str, length: int | None) -> list[Part]:
        parts = list(snippets.marked(value, asked, length)) if value else []
        return parts if any(part.marked for part in parts) else []

    return marked


def forget_gone(tx: Tx, now: datetime, most: int) -> int:
    """That there were tickets that are forgotten. Returns how many."""
    return TicketSearchStore(tx).forget_gone(now, most)
