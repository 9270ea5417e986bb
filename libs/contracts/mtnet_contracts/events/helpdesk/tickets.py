"""What became of people's tickets."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class TicketOpened(Event):
    """Somebody wrote or called about something new. Never who, or what."""

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.FACTS
    needs_subscriber = False

    ticket_id: UUID
    number: str
    channel: str
    priority: str
    category: str | None = None
    spam: bool = False
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketAcknowledged(Event):
    """Somebody wrote by mail or by the form, and is told at once that it came in: notify sends it to `address`.

    Nothing that they wrote stands in it: whoever forges a sender sends their words to nobody by us. `answer_by`: when
    the first answer is due. `entry_id`: the row of what they wrote, which names the mail as TicketAnswered has it;
    `in_reply_to` is its Message-ID. `link` is the path of the person's page.
    """

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.SECRETS

    ticket_id: UUID
    entry_id: UUID
    number: str
    address: str
    locale: str
    link: str
    link_token: str
    in_reply_to: str | None = None
    answer_by: datetime
    acknowledged_at: datetime


@dataclass(frozen=True, kw_only=True)
class AnsweredFile:
    """A file that belongs to an answer. `link`: the path under which whoever has the secret link opens it."""

    name: str
    link: str


@dataclass(frozen=True, kw_only=True)
class TicketAnswered(Event):
    """An agent answered: notify sends it to `address`, which is where the person wrote from, and nowhere else.

    `channel` is email, fax or line. `title` is the subject without the number. `in_reply_to` and `references` are
    Message-IDs in angle brackets; the mail's own is `<answer-{entry_id}@…>`, and its replies come to
    `service+{link_token}@…`. `link` is the path of the person's page, `/contact/{link_token}`. `rate`: it asks whether
    the answer helped. `files` are not sent along: the message says where they are.
    """

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.SECRETS

    ticket_id: UUID
    entry_id: UUID
    number: str
    channel: str
    address: str
    name: str
    locale: str
    title: str
    text: str
    link: str
    link_token: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    rate: bool = False
    files: tuple[AnsweredFile, ...] = ()
    answered_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketClosed(Event):
    """A solved ticket is closed: by an agent, or because nobody has written since. `satisfaction`: 1 to 5."""

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.FACTS
    needs_subscriber = False

    ticket_id: UUID
    number: str
    category: str | None = None
    satisfaction: int | None = None
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketReopened(Event):
    """What was solved is not: `because` is message (the person wrote), agent, or undelivered (an answer came back)."""

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.FACTS
    needs_subscriber = False

    ticket_id: UUID
    number: str
    because: str
    reopened_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketChanged(Event):
    """Something came to a ticket that was there, or its agent left.

    `because` is message (the person wrote), delivered, undelivered, or left: whoever was answering or owned it works at
    the desk no more. Open pages of the desk look again. What agents do is no event: there would be too many, and nobody
    else asks.
    """

    source = "helpdesk"
    aggregate = "ticket"
    subject = "ticket_id"
    holds = Holds.FACTS
    needs_subscriber = False

    ticket_id: UUID
    number: str
    because: str
    changed_at: datetime
