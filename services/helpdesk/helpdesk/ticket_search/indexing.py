"""What the search index follows, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.settings import env
from mtnet_search.filling import Step
from mtnet_search.number_index import NumberedText

from helpdesk.ticket_search.rules import Searched, place_of
from helpdesk.ticket_search.store import TicketSearchStore


def index_folder() -> Path:
    """Each process takes a folder of its own in it. It may be deleted at any time: the index is filled anew."""
    return Path(env("HELPDESK_SEARCH_FOLDER", f"{gettempdir()}/mtnet-helpdesk-search")) / "tickets"


class TicketSource:
    """What `NumberSearch` follows."""

    def place(self, tx: Tx) -> tuple[str, int, int]:
        store = TicketSearchStore(tx)
        source, newest, forgotten_to, unnumbered = store.place()
        if unnumbered:
            store.number_changes()
            source, newest, forgotten_to, _ = store.place()
        return source, newest, forgotten_to

    def after(self, tx: Tx, number: int, limit: int) -> Step:
        store = TicketSearchStore(tx)
        newest = store.place()[1]  # before the rows: what comes meanwhile is for the next step
        rows = store.changes_after(number, limit)
        return _step(tx, [row[0] for row in rows], rows[-1][1] if rows else max(number, newest))

    def up_to(self, tx: Tx, number: int, limit: int) -> Step:
        rows = TicketSearchStore(tx).changes_up_to(number, limit)
        return _step(tx, [row[0] for row in rows], rows[-1][1] if len(rows) == limit else 0)


def _step(tx: Tx, ticket_ids: Sequence[UUID], number: int) -> Step:
    found = TicketSearchStore(tx).searched(ticket_ids)
    shown = {each.ticket_id for each in found}
    # What is forgotten, or goes on in another thread, is found no more under its own number.
    removed = tuple(str(each) for each in ticket_ids if each not in shown)
    return Step(tuple(indexed(each) for each in found), removed, number)


def indexed(found: Searched) -> NumberedText:
    tags = [
        "spam" if found.spam else "listed",
        f"state:{found.state}",
        f"channel:{found.channel}",
        f"priority:{found.priority}",
        f"category:{found.category or 'none'}",
        f"owner:{found.owner_id or 'none'}",
        f"team:{found.team}",
        f"requester:{found.requester_id}",
    ]
    tags += ["live"] if found.live else []
    tags += ["waiting"] if found.live and found.paused else []
    body = "\n".join((found.subjects, found.requester_name, found.text))
    return NumberedText(str(found.ticket_id), place_of(found.number), body, tuple(tags))
