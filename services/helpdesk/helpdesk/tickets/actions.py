"""What can be done with tickets: open, write into the thread, change, close. Load, decide, save, announce."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.ticket_numbers import ticket_number

from helpdesk.deadlines.actions import working_calendar
from helpdesk.deadlines.rules import TAIPEI
from helpdesk.desk_people.rules import Agent
from helpdesk.file_checks.rules import StoredFile
from helpdesk.tickets import messages, rules
from helpdesk.tickets.changes import differences
from helpdesk.tickets.link_tokens import new_link_token
from helpdesk.tickets.rules import (
    CLOSES_AFTER,
    LONGEST_TEXT,
    MOST_FILES,
    Inbound,
    Ticket,
)
from helpdesk.tickets.store import TicketStore

CLOSED_AT_A_TIME = 500
MOST_READ = 200

# What comes in.


def row_of(inbound: Inbound, ticket_id: UUID, entry_id: UUID, name: str, now: datetime) -> dict[str, Any]:
    """The row of the thread that it becomes."""
    return {
        "entry_id": entry_id,
        "ticket_id": ticket_id,
        "kind": "inbound",
        "at": inbound.received_at or now,
        "channel": inbound.channel,
        "address": inbound.address,
        "author_name": name,
        "subject": inbound.subject[: rules.LONGEST_SUBJECT],
        "text": inbound.text[:LONGEST_TEXT],
        "quoted": inbound.quoted[:LONGEST_TEXT],
        "truncated": inbound.truncated or len(inbound.text) > LONGEST_TEXT,
        "problems": list(inbound.problems[: rules.MOST_PROBLEMS]),
        "item_id": inbound.item_id,
        "message_id": inbound.message_id,
        "automatic": inbound.automatic,
    }


def next_numbers(tx: Tx, now: datetime, count: int) -> list[str]:
    """For so many new tickets."""
    year = now.astimezone(TAIPEI).year
    return [ticket_number(year, each) for each in TicketStore(tx).next_counts(count)]


def add_tickets(tx: Tx, opened: Sequence[Ticket]) -> None:
    """Without their events."""
    TicketStore(tx).add_tickets(opened)


def save_tickets(tx: Tx, changed: Sequence[Ticket]) -> None:
    """Without their events, and without a row in the thread."""
    TicketStore(tx).save_tickets(changed)


def add_entries(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of threads, in this order: `entry_id`, `ticket_id`, `kind`, `at`, and any of the other columns."""
    TicketStore(tx).add_entries(rows)


def add_changes(tx: Tx, changes: Sequence[tuple[UUID, str, str | None, str | None]]) -> None:
    """What entries changed: entry, field, before, after."""
    TicketStore(tx).add_changes(changes)


def add_files(tx: Tx, entry_id: UUID, files: Sequence[StoredFile]) -> None:
    """Of a row; at most MOST_FILES."""
    TicketStore(tx).add_attachments(entry_id, files[:MOST_FILES])


def new_ticket(
    tx: Tx,
    *,
    requester_id: UUID,
    channel: str,
    address: str,
    locale: str,
    subject: str,
    now: datetime,
    category: str | None = None,
    priority: str = "normal",
    team: str = "first_line",
) -> Ticket:
    """With a number of its own; not stored yet."""
    return Ticket.opened(
        ticket_id=uuid4(),
        number=next_numbers(tx, now, 1)[0],
        link_token=new_link_token(),
        requester_id=requester_id,
        channel=channel,
        address=address,
        locale=locale,
        subject=subject,
        category=category,
        priority=priority,
        team=team,
        now=now,
        calendar=working_calendar(),
    )


# What changes a ticket leaves a row in its thread.


def save(
    store: TicketStore,
    outbox: Outbox,
    before: Ticket,
    after: Ticket,
    because: str,
    now: datetime,
    agent: Agent | None = None,
) -> UUID | None:
    """With a row in the thread for what an eye would miss. Returns the row, if there is one."""
    store.save_ticket(after)
    entry_id = uuid4()
    changes = differences(entry_id, before, after)
    if changes:
        add_entry(store, after.ticket_id, "change", agent, "", now, entry_id)
        store.add_changes(changes)
    outbox.announce_many(messages.moves(before, after, because, now))
    return entry_id if changes else None


def add_entry(
    store: TicketStore,
    ticket_id: UUID,
    kind: str,
    agent: Agent | None,
    text: str,
    now: datetime,
    entry_id: UUID | None = None,
) -> UUID:
    entry_id = entry_id or uuid4()
    author = {"author_id": agent.account_id, "author_name": agent.name} if agent else {}
    store.add_entry(entry_id, ticket_id, kind, now, text=text, **author)
    return entry_id


# What other topics do with tickets.


def ticket(tx: Tx, ticket_id: UUID) -> Ticket:
    """Raises TicketNotFound."""
    return TicketStore(tx).ticket(ticket_id)


def last_answer(tx: Tx, ticket_id: UUID) -> str:
    """What the desk last answered in writing; empty where there is nothing among the newest entries."""
    entries = TicketStore(tx).newest_entries(ticket_id, None, MOST_READ)
    return next((str(each["text"]) for each in reversed(entries) if each["kind"] == "answer"), "")


def ticket_for_update(tx: Tx, ticket_id: UUID) -> Ticket:
    """Locked until the transaction ends. Raises TicketNotFound."""
    return TicketStore(tx).ticket_for_update(ticket_id)


def tickets_for_update(tx: Tx, ticket_ids: Collection[UUID]) -> dict[UUID, Ticket]:
    """Those that there are, locked until the transaction ends."""
    return TicketStore(tx).tickets_for_update(ticket_ids)


def roots_of(tx: Tx, ticket_ids: Collection[UUID]) -> dict[UUID, Ticket]:
    """Of each: where its thread goes on."""
    return TicketStore(tx).roots_of(ticket_ids)


def ticket_numbered(tx: Tx, number: str) -> Ticket:
    """Where that number leads, also once it was merged. Raises TicketNotFound."""
    store = TicketStore(tx)
    return store.root_of(store.ticket_numbered(number))


def ticket_with_link(tx: Tx, link_token: str) -> tuple[Ticket, Ticket]:
    """Whose link it is, and where its thread goes on. Raises TicketNotFound."""
    store = TicketStore(tx)
    own = store.ticket_with_link(link_token)
    return own, store.root_of(own)


def record_reply(tx: Tx, outbox: Outbox, root: Ticket, own: Ticket, inbound: Inbound, now: datetime) -> None:
    """Written by the person's link, into `own`, which goes on in `root` (both may be one). `root` is locked."""
    after = root.with_message(now, working_calendar())
    save(TicketStore(tx), outbox, root, after, "message", now)
    entry_id = uuid4()
    add_entries(tx, [row_of(inbound, own.ticket_id, entry_id, inbound.name, now)])
    add_files(tx, entry_id, inbound.attachments)


def add_ticket(tx: Tx, outbox: Outbox, made: Ticket) -> None:
    TicketStore(tx).add_tickets([made])
    outbox.announce(messages.ticket_opened(made))


def save_ticket(
    tx: Tx, outbox: Outbox, before: Ticket, after: Ticket, now: datetime, agent: Agent | None
) -> None:
    save(TicketStore(tx), outbox, before, after, "agent", now, agent)


def note_relation(
    tx: Tx,
    ticket_id: UUID,
    relation: str,
    before: str | None,
    after: str | None,
    agent: Agent | None,
    now: datetime,
) -> UUID:
    """A row in the thread: joined to another number, or no more."""
    store, entry_id = TicketStore(tx), uuid4()
    add_entry(store, ticket_id, "change", agent, "", now, entry_id)
    store.add_changes([(entry_id, relation, before, after)])
    return entry_id


# What the clock does.


def close_resolved(tx: Tx, outbox: Outbox, now: datetime) -> int:
    """Those that nobody has written to for 14 days since they were solved. Returns how many; some may be left."""
    store = TicketStore(tx)
    due = store.resolved_before(now - CLOSES_AFTER, CLOSED_AT_A_TIME)
    if due:
        store.close([each.ticket_id for each in due], [uuid4() for _ in due], now)
        outbox.announce_many(messages.ticket_closed(each, now) for each in due)
    return len(due)


def forget_tickets(tx: Tx, now: datetime, most: int) -> int:
    """Those that were closed three years ago, with their threads. Returns how many."""
    return TicketStore(tx).forget_old(now, most)
