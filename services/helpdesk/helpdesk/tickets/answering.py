"""What an agent says to the person: who is answering, the answer, what became of it, a call that was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import failpoint
from mtnet_contracts.vocabulary.masking import BULLETS

from helpdesk.deadlines.actions import working_calendar
from helpdesk.desk_people.rules import Agent
from helpdesk.file_checks.rules import StoredFile
from helpdesk.kept_files.actions import keep, put_into_answer
from helpdesk.requesters import actions as requesters
from helpdesk.settings import Settings
from helpdesk.tickets import belonging, messages
from helpdesk.tickets.actions import new_ticket, note_relation, save
from helpdesk.tickets.changes import differences
from helpdesk.tickets.rules import NoWayBack, State, Ticket
from helpdesk.tickets.store import TicketStore

# By which an answer can be sent. Who came by another channel reads it on the page of their ticket.
SENT_BY = ("email", "fax", "line")


def lease_ticket(
    tx: Tx, agent: Agent, ticket_id: UUID, take_over: bool, now: datetime
) -> tuple[Ticket, bool]:
    """And whether somebody else or nobody held its lease before. What is taken over from a colleague stands in
    the history.

    Raises TicketNotFound, TicketMerged, LeasedByAnother.
    """
    store = TicketStore(tx)
    before = store.ticket_for_update(ticket_id)
    before.require_unmerged()
    after, held = before.leased_to(agent, now, take_over=take_over), before.live_lease(now)
    store.save_lease(after)
    if before.may_be_taken_over_by(agent, now) and held is not None:
        note_relation(tx, ticket_id, "answering", held.name, agent.name, agent, now)
    return after, held is None or held.account_id != agent.account_id


def release_ticket(tx: Tx, agent: Agent, ticket_id: UUID, now: datetime) -> bool:
    """Whether it was held by this agent until now. Raises TicketNotFound."""
    store = TicketStore(tx)
    before = store.ticket_for_update(ticket_id)
    after = before.released_by(agent)
    store.save_lease(after)
    return before.live_lease(now) != after.live_lease(now)


def answer_ticket(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    ticket_id: UUID,
    *,
    version: int,
    text: str,
    then: str,
    file_ids: Sequence[UUID] = (),
    now: datetime,
) -> tuple[Ticket, UUID]:
    """Goes back by the channel that the person wrote by last; to whoever has none, on their page.

    `file_ids`: what the agent has kept for it. Raises TicketNotFound, TicketMerged, TicketChanged, LeasedByAnother,
    StateNotAllowed, NoWayBack, FilesGone.
    """
    store = TicketStore(tx)
    before = store.ticket_for_update(ticket_id)
    after = before.answered_by(agent, version, State(then), now, working_calendar())
    way = way_back(tx, after)
    entry_id = uuid4()
    store.add_entry(
        entry_id,
        ticket_id,
        "answer",
        now,
        channel=way[0] if way else after.channel,
        address=way[1] if way else after.address,
        author_id=agent.account_id,
        author_name=agent.name,
        text=text,
        delivery="sending" if way else "page",
    )
    files = put_into_answer(tx, agent.as_caller, ticket_id, file_ids, now)
    store.add_attachments(entry_id, files)
    store.add_changes(differences(entry_id, before, after))
    store.save_ticket(after)
    failpoint("tickets.before_answer_announced")
    outbox.announce_many(messages.moves(before, after, "agent", now))
    if way:
        outbox.announce(_answered(tx, store, after, way, entry_id, text, files, now))
    return after, entry_id


def keep_files(
    database: Transactions,
    told: Settings,
    agent: Agent,
    *,
    ticket_id: UUID,
    uploads: Sequence[Mapping[str, str]],
    form_key: str | None,
    now: datetime,
) -> list[StoredFile]:
    """For an answer of this agent in this ticket. Raises TicketNotFound, and as kept_files.keep."""
    with database.transaction() as tx:
        TicketStore(tx).ticket(ticket_id)
    return keep(database, told, agent.as_caller, ticket_id, uploads, form_key, now)


def way_back(tx: Tx, ticket: Ticket) -> tuple[str, str] | None:
    """Channel and address of an answer; None: it is read on the person's page. Raises NoWayBack.

    It goes where the person wrote from last. Who used the web form is answered by mail, if they left an address; who
    called, in writing wherever they can be reached.
    """
    if ticket.channel in SENT_BY and ticket.address:
        return ticket.channel, ticket.address
    if ticket.channel == "web":
        return ("email", ticket.address) if "@" in ticket.address else None
    people = requesters.person_ids(tx, ticket.requester_id)
    ways = dict(reversed(requesters.addresses_of(tx, people)))
    for channel in SENT_BY:
        if channel in ways:
            return channel, ways[channel]
    raise NoWayBack


def _answered(
    tx: Tx,
    store: TicketStore,
    ticket: Ticket,
    way: tuple[str, str],
    entry_id: UUID,
    text: str,
    files: Sequence[StoredFile],
    now: datetime,
) -> messages.TicketAnswered:
    last = store.last_inbound(ticket.ticket_id)
    title = belonging.title_of_answer(last[1] if last else "", ticket.subject, ticket.locale)
    references = store.message_ids(ticket.ticket_id, messages.MOST_REFERENCES)
    requester, _ = requesters.person(tx, ticket.requester_id)
    # The desk sees a mask where nobody has said their name; the person may read their own address.
    name = way[1] if BULLETS in requester.name else requester.name
    return messages.ticket_answered(ticket, way, entry_id, name, text, title, references, now, files)


def note_delivery(
    tx: Tx, outbox: Outbox, entry_id: UUID, failure: str | None, at: datetime, now: datetime
) -> None:
    """What became of an answer. One that could not be delivered has the desk look again. Twice is as good as once."""
    store = TicketStore(tx)
    found = store.entry_for_delivery(entry_id)
    if found is None or found[1] == "failed" or (failure is None and found[1] == "delivered"):
        return
    store.save_delivery(entry_id, "delivered" if failure is None else "failed", failure, at)
    before = store.ticket_for_update(found[0])
    if failure is None:
        # An open page shows it; nobody has to look at the ticket again because of it.
        store.save_ticket(replace(before, updated_at=max(now, before.updated_at)))
        outbox.announce(messages.ticket_changed(before, "delivered", now))
        return
    root = store.root_of(before)
    if root.ticket_id != before.ticket_id:
        before = store.ticket_for_update(root.ticket_id)
    after = before.with_failed_answer(now, working_calendar())
    save(store, outbox, before, after, "undelivered", now)


def log_call(
    tx: Tx,
    outbox: Outbox,
    agent: Agent,
    *,
    ticket_id: UUID | None,
    phone: str,
    name: str,
    email: str | None,
    direction: str,
    subject: str,
    text: str,
    category: str | None,
    priority: str,
    solved: bool,
    now: datetime,
) -> tuple[Ticket, UUID]:
    """Said on the telephone, in either direction: a row of a thread, or a new ticket that the agent owns.

    Raises TicketNotFound, TicketMerged, StateNotAllowed.
    """
    store, entry_id, calendar = TicketStore(tx), uuid4(), working_calendar()
    if ticket_id is None:
        requester = requesters.requester_of(tx, "phone", phone, name, "zh-Hant", entry_id, now)
        if email:
            requesters.add_address(tx, requester.requester_id, "email", email, now)
        before = new_ticket(
            tx,
            requester_id=requester.requester_id,
            channel="phone",
            address=phone,
            locale=requester.locale,
            subject=belonging.shown_subject(subject, text),
            category=category,
            priority=priority,
            now=now,
        )
        store.add_tickets([before])
        outbox.announce(messages.ticket_opened(before))
        name = name or requester.name
    else:
        before = store.ticket_for_update(ticket_id)
        before.require_unmerged()
    after = before.after_call(agent, now, calendar, solved=solved, incoming=direction == "in")
    store.add_entry(
        entry_id,
        before.ticket_id,
        "call",
        now,
        channel="phone",
        address=phone or None,
        direction=direction,
        subject=name,
        author_id=agent.account_id,
        author_name=agent.name,
        text=text,
    )
    if after != before:
        save(store, outbox, before, after, "agent", now, agent)
    return after, entry_id
