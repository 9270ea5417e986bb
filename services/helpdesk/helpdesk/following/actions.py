"""What the person who wrote can do by the secret link of their ticket: read, answer, say whether it helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox

from helpdesk.file_checks.rules import FileMissing, StoredFile
from helpdesk.following.rules import (
    IN,
    MOST_MESSAGES,
    LinkNotValid,
    NotResolvedYet,
    TicketIsClosed,
    WrittenOftenEnough,
    may_answer,
    may_rate,
)
from helpdesk.following.store import FollowingStore
from helpdesk.kept_files import actions as kept_files
from helpdesk.requesters import actions as requesters
from helpdesk.settings import Settings
from helpdesk.ticket_files import actions as ticket_files
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.rules import Inbound, State, Ticket, TicketNotFound

MOST_SHOWN = 200


@dataclass(frozen=True)
class Followed:
    """`own`: the ticket that the link is of; `root`: where its thread goes on; `people`: who its person is."""

    own: Ticket
    root: Ticket
    people: tuple[UUID, ...]

    @property
    def is_own_root(self) -> bool:
        """Whether the thread goes on among the person's own tickets: else only their part of it is theirs to see.

        The link of a form was shown to whoever sent it: it opens what was written by it, and the answers to that.
        """
        if self.own.by_form:
            return self.root.ticket_id == self.own.ticket_id
        return self.root.requester_id in self.people

    @property
    def state(self) -> State:
        """Of a form that was added to what its person had asked before: new, until the desk does something."""
        waits = not self.is_own_root and self.root.updated_at <= self.own.created_at
        return self.own.state if waits else self.root.state


def followed(tx: Tx, link_token: str) -> Followed:
    """Raises LinkNotValid: one answer for a link that never was and for one that is no more."""
    try:
        own, root = tickets.ticket_with_link(tx, link_token.lower())
    except TicketNotFound:
        raise LinkNotValid from None
    return Followed(own, root, tuple(requesters.person_ids(tx, own.requester_id)))


def follow(tx: Tx, link_token: str, now: datetime, before: int | None = None) -> dict[str, Any]:
    """`before`: with what was said before that row. Raises LinkNotValid."""
    return view(tx, followed(tx, link_token), now, before)


def caller_of(tx: Tx, link_token: str) -> str:
    """Whoever has the link acts for the ticket. Raises LinkNotValid."""
    return caller_named(followed(tx, link_token))


def caller_named(found: Followed) -> str:
    return f"ticket:{found.own.ticket_id}"


def file(tx: Tx, link_token: str, attachment_id: UUID) -> dict[str, Any]:
    """One that the person sent or was answered with. Raises LinkNotValid, FileMissing."""
    found, store = followed(tx, link_token), FollowingStore(tx)
    if found.own.by_form:
        shown = store.shows_file_by_link(found.own.ticket_id, attachment_id)
    else:
        shown = store.shows_file(found.root.ticket_id, found.people, attachment_id)
    if not shown:
        raise FileMissing
    return ticket_files.file(tx, attachment_id)


def keep_files(
    database: Transactions,
    told: Settings,
    *,
    link_token: str,
    uploads: Sequence[Mapping[str, str]],
    form_key: str | None,
    now: datetime,
) -> list[StoredFile]:
    """For what the person writes next. Raises LinkNotValid, TicketIsClosed, and as kept_files.keep."""
    with database.transaction() as tx:
        found = followed(tx, link_token)
    if not may_answer(found.root):
        raise TicketIsClosed
    kept_by, ticket_id = caller_named(found), found.own.ticket_id
    return kept_files.keep(database, told, kept_by, ticket_id, uploads, form_key, now)


def answer(
    tx: Tx, outbox: Outbox, link_token: str, text: str, file_ids: Sequence[UUID], now: datetime
) -> dict[str, Any]:
    """Raises LinkNotValid, TicketIsClosed, WrittenOftenEnough, FilesGone."""
    found = followed(tx, link_token)
    root = tickets.ticket_for_update(tx, found.root.ticket_id)
    if not may_answer(root):
        raise TicketIsClosed
    target = root if found.is_own_root else found.own
    if FollowingStore(tx).messages_since(target.ticket_id, now - IN) >= MOST_MESSAGES:
        raise WrittenOftenEnough
    requester, _ = requesters.person(tx, found.own.requester_id)
    files = kept_files.put_into_answer(tx, caller_named(found), found.own.ticket_id, file_ids, now)
    written = Inbound(
        item_id=uuid4(),
        channel="web",
        address="",
        name=requester.name,
        subject="",
        text=text,
        locale=found.own.locale,
        received_at=now,
        attachments=tuple(files),
    )
    tickets.record_reply(tx, outbox, root, target, written, now)
    return follow(tx, link_token, now)


def rate(tx: Tx, link_token: str, satisfaction: int, comment: str, now: datetime) -> dict[str, Any]:
    """The later opinion counts. Raises LinkNotValid, NotResolvedYet."""
    found = followed(tx, link_token)
    ticket = tickets.ticket_for_update(tx, found.root.ticket_id)
    if not found.is_own_root or not may_rate(ticket, now):
        raise NotResolvedYet
    FollowingStore(tx).rate(ticket.ticket_id, satisfaction, comment, now)
    return follow(tx, link_token, now)


def view(tx: Tx, found: Followed, now: datetime, before: int | None) -> dict[str, Any]:
    own, root = (found.root, found.root) if found.is_own_root else (found.own, found.root)
    store = FollowingStore(tx)
    if found.own.by_form:
        entries = store.entries_by_link(own.ticket_id, before, MOST_SHOWN + 1)
    else:
        entries = store.entries(root.ticket_id, found.people, before, MOST_SHOWN + 1)
    for entry in entries:
        entry["files"] = [each["filename"] for each in entry["attachments"]]
    older = len(entries) > MOST_SHOWN
    return {
        "number": found.own.number,
        "subject": found.own.subject,
        "state": found.state,
        "created_at": found.own.created_at,
        "updated_at": root.updated_at if found.is_own_root else own.updated_at,
        "may_answer": may_answer(root),
        "answered_by_mail": found.own.by_form and "@" in found.own.address,
        "may_rate": found.is_own_root and may_rate(root, now),
        "satisfaction": own.satisfaction,
        "satisfaction_comment": own.satisfaction_comment,
        "entries": entries[-MOST_SHOWN:],
        "older_before": entries[1]["sequence"] if older else None,
    }
