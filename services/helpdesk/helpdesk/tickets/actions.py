"""What can be done with tickets: record what comes in, answer, note, change. Load, decide, save, announce."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint

from helpdesk.deadlines import rules as deadlines
from helpdesk.deadlines.actions import calendar_around
from helpdesk.deadlines.rules import TAIPEI
from helpdesk.desk_people.rules import Agent
from helpdesk.requesters import actions as requesters
from helpdesk.requesters.rules import shown_name
from helpdesk.tickets import belonging, messages, rules
from helpdesk.tickets.belonging import Candidate
from helpdesk.tickets.names import differences, new_link_token
from helpdesk.tickets.rules import (
    CLOSES_AFTER,
    LONGEST_TEXT,
    MOST_FILES,
    REOPENS_WITHIN,
    Inbound,
    Recorded,
    State,
    Ticket,
    TicketNotFound,
)
from helpdesk.tickets.store import TicketStore

# Somebody who has done nothing here for so long is no agent of now.
AGENT_FOR = timedelta(days=90)
CLOSED_AT_A_TIME = 500

# What comes in.


def record_inbound(tx: Tx, outbox: Outbox, inbound: Inbound, now: datetime) -> Recorded:
    """Put it where it belongs, once for each item_id, in the caller's transaction."""
    store = TicketStore(tx)
    requester = requesters.requester_of(
        tx, _known_by(inbound), inbound.address, inbound.name, inbound.locale, inbound.item_id, now
    )
    known = store.entry_of_item(inbound.item_id)
    if known is not None:
        entry_id, ticket_id, number = known
        return Recorded(ticket_id, entry_id, number, new=False, again=True)
    people = requesters.person_ids(tx, requester.requester_id)
    subject = belonging.shown_subject(inbound.subject, inbound.text)
    belongs = belonging.belongs_to(inbound, _candidates(store, inbound, people, now), inbound.subject, now)
    entry_id = uuid4()
    if belongs.to is None:
        ticket = _open(tx, store, inbound, requester.requester_id, subject, now)
        outbox.announce(messages.ticket_opened(ticket))
    else:
        ticket = _add_to(tx, store, outbox, belongs.to, inbound, people, entry_id, now)
    failpoint("tickets.before_entry")
    name = shown_name(_known_by(inbound), inbound.name or requester.name, inbound.address)
    _write(store, ticket.ticket_id, entry_id, inbound, name, now)
    if belongs.linked_to is not None and belongs.linked_to.ticket_id != ticket.ticket_id:
        store.link(ticket.ticket_id, belongs.linked_to.ticket_id, now)
    return Recorded(ticket.ticket_id, entry_id, ticket.number, new=belongs.to is None)


def _known_by(inbound: Inbound) -> str:
    """Who leaves a mail address in the web form is whoever writes from there."""
    return "email" if inbound.channel == "web" and "@" in inbound.address else inbound.channel


def _write(
    store: TicketStore, ticket_id: UUID, entry_id: UUID, inbound: Inbound, name: str, now: datetime
) -> None:
    store.add_entry(
        entry_id,
        ticket_id,
        "inbound",
        inbound.received_at or now,
        channel=inbound.channel,
        address=inbound.address,
        author_name=name,
        subject=inbound.subject[: rules.LONGEST_SUBJECT],
        text=inbound.text[:LONGEST_TEXT],
        quoted=inbound.quoted[:LONGEST_TEXT],
        truncated=inbound.truncated or len(inbound.text) > LONGEST_TEXT,
        problems=list(inbound.problems[: rules.MOST_PROBLEMS]),
        item_id=inbound.item_id,
        message_id=inbound.message_id,
        automatic=inbound.automatic,
    )
    store.add_attachments(entry_id, inbound.attachments[:MOST_FILES])


def _candidates(
    store: TicketStore, inbound: Inbound, people: Sequence[UUID], now: datetime
) -> list[Candidate]:
    """Most trusted first, and no more looked for than is needed."""

    def named(how: str, ticket: Ticket) -> Candidate:
        root = store.root_of(ticket)
        return Candidate(how, root, root.requester_id in people)

    if inbound.link_token:
        with suppress(TicketNotFound):
            return [named("token", store.ticket_with_link(inbound.link_token.lower()))]
    referred = store.tickets_referred_to(belonging.entry_ids_of(inbound.references), inbound.references[:50])
    if referred:
        return [named("reference", store.ticket(referred[0]))]
    found = []
    if inbound.ticket_number:
        with suppress(TicketNotFound):
            found.append(named("number", store.ticket_numbered(inbound.ticket_number.upper())))
    recent = store.recent_tickets_of(people, now - REOPENS_WITHIN)
    return found + [Candidate("person", ticket, True) for ticket in recent]


def _open(
    tx: Tx, store: TicketStore, inbound: Inbound, requester_id: UUID, subject: str, now: datetime
) -> Ticket:
    ticket = new_ticket(
        tx,
        requester_id=requester_id,
        channel=inbound.channel,
        address=inbound.address,
        locale=inbound.locale,
        subject=subject,
        category=inbound.category,
        now=now,
    )
    ticket = replace(ticket, spam=inbound.spam)
    store.add_ticket(ticket)
    return ticket


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
    return Ticket(
        ticket_id=uuid4(),
        number=rules.number_of(now.astimezone(TAIPEI).year, TicketStore(tx).next_count()),
        requester_id=requester_id,
        channel=channel,
        address=address,
        locale=locale,
        subject=subject,
        state=State.NEW,
        priority=priority,
        category=category,
        team=team,
        created_at=now,
        updated_at=now,
        last_inbound_at=now,
        deadlines=deadlines.begin(priority, now, calendar_around(tx, now)),
        link_token=new_link_token(),
    )


def _add_to(
    tx: Tx,
    store: TicketStore,
    outbox: Outbox,
    found: Ticket,
    inbound: Inbound,
    people: Sequence[UUID],
    entry_id: UUID,
    now: datetime,
) -> Ticket:
    before = store.ticket_for_update(found.ticket_id)
    after = before.with_message(now, calendar_around(tx, now), automatic=inbound.automatic)
    if not inbound.automatic and inbound.address and before.requester_id in people:
        # An answer goes where the person wrote from last. A colleague's message is kept, and answered to the person.
        after = replace(after, channel=inbound.channel, address=inbound.address)
    save(store, outbox, before, after, "message", now)
    return after


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


def ticket_for_update(tx: Tx, ticket_id: UUID) -> Ticket:
    """Locked until the transaction ends. Raises TicketNotFound."""
    return TicketStore(tx).ticket_for_update(ticket_id)


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
    after = root.with_message(now, calendar_around(tx, now))
    save(TicketStore(tx), outbox, root, after, "message", now)
    _write(TicketStore(tx), own.ticket_id, uuid4(), inbound, inbound.name, now)


def add_ticket(tx: Tx, outbox: Outbox, made: Ticket) -> None:
    TicketStore(tx).add_ticket(made)
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
