"""One ticket with its thread, and what is done with it."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.ticket_list import MOST_TICKETS, TicketLine
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.desk import (
    DESK_CHANNELS,
    DESK_DELIVERIES,
    DESK_TEAMS,
    LONGEST_DESK_SUBJECT,
    LONGEST_DESK_TEXT,
    MOST_DESK_FILES,
    TICKET_CATEGORIES,
    TICKET_PRIORITIES,
    TICKET_STATES,
)
from mtnet_contracts.vocabulary.kinds import (
    Choice,
    EmailAddress,
    Instant,
    Line,
    Prose,
    Several,
    Telephone,
    Text,
    Whole,
)
from mtnet_contracts.vocabulary.shapes import Shape, code
from mtnet_contracts.vocabulary.ticket_numbers import LONGEST_TICKET_NUMBER, WRITTEN
from mtnet_contracts.vocabulary.written_telephones import LIKELY_OR_NONE

ENTRY_KINDS = ("inbound", "answer", "note", "call", "change")
LONGEST_REASON = 300
TICKET_NUMBER = rf"^{WRITTEN}\Z"
# What every change of a ticket may be refused with. TICKET_MERGED: its thread goes on in another one.
CHANGE_REFUSALS = ("TICKET_NOT_FOUND", "TICKET_MERGED", "TICKET_CHANGED", "STATE_NOT_ALLOWED", "NOT_AN_AGENT")


class Number(Text):
    """`HD2026-000123`."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            longest=LONGEST_TICKET_NUMBER,
            validate=[code("NOT_VALID", validate.Regexp(TICKET_NUMBER))],
            **options,
        )


class TicketRequest(Shape):
    """By its number; the number of a ticket that was merged leads to the one that it was merged into.

    `before`: rows of the thread before that one, as `older_before` of the last answer gave it.
    """

    number = Number(required=True)
    before = Whole(least=1, load_default=None, allow_none=True)


class AttachmentView(Shape):
    """`held_back`: why nobody can open it, such as `infected`; empty where the desk can. `pages`: so many pictures
    stand in for it (a fax).
    """

    attachment_id = fields.UUID(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    held_back = fields.String(required=True)
    pages = fields.Integer(required=True)


class FieldChange(Shape):
    """One field of a ticket, before and after; what it was joined to is a number."""

    field = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)


class EntryView(Shape):
    """One row of the thread. `author_name`: the agent, or for what came in the person; None for the desk's own clock.

    `ticket_number`: the ticket that it was written to; another one where tickets were merged. `delivery`: of an
    answer, see DESK_DELIVERIES; `delivery_reason` a code such as RECIPIENT_REFUSED. `direction`: of a call,
    whose subject is the name that was given. `quoted`: what the person quoted, to be shown folded; `truncated`: the raw
    form has more; `problems`: codes of what was wrong with it, such as `attachment_too_large`.
    """

    entry_id = fields.UUID(required=True)
    ticket_number = fields.String(required=True)
    kind = Choice(*ENTRY_KINDS, required=True)
    channel = Choice(*DESK_CHANNELS, required=True, allow_none=True)
    direction = Choice("in", "out", required=True, allow_none=True)
    at = Instant(required=True)
    author_name = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    quoted = fields.String(required=True)
    truncated = fields.Boolean(required=True)
    problems = fields.List(fields.String(), required=True)
    delivery = Choice(*DESK_DELIVERIES, required=True, allow_none=True)
    delivery_reason = fields.String(required=True, allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentView), required=True)
    changes = fields.List(fields.Nested(FieldChange), required=True)


class LinkedTicket(Shape):
    """`relation`: linked, merged (into this one) or split (from this one), or split_from."""

    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True)
    subject = fields.String(required=True)
    state = Choice(*TICKET_STATES, required=True)
    relation = Choice("linked", "merged", "split", "split_from", required=True)


class TicketView(TicketLine):
    """Everything an agent answers with. `answer_channel`: by which an answer goes back; the address is masked.

    `leased_by_me`: nobody else is answering, and I have said that I am. `may_take_over`: a colleague is answering, and
    I lead the desk. `allowed_states`: where it may go from here.
    `link`: the path of the person's own page. The thread holds the newest 200 rows, or those before the one that was
    asked for, oldest first; `older`: there are others, which `older_before` asks for.
    """

    locale = Choice(*LOCALES, required=True)
    account_id = fields.UUID(required=True, allow_none=True)
    answer_channel = Choice(*DESK_CHANNELS, required=True)
    first_answer_due_at = Instant(required=True)
    first_answered_at = Instant(required=True, allow_none=True)
    solution_due_at = Instant(required=True)
    paused_at = Instant(required=True, allow_none=True)
    resolved_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    lease_expires_at = Instant(required=True, allow_none=True)
    leased_by_me = fields.Boolean(required=True)
    may_take_over = fields.Boolean(load_default=False)
    allowed_states = fields.List(fields.String(), required=True)
    satisfaction = fields.Integer(required=True, allow_none=True)
    satisfaction_comment = fields.String(required=True)
    link = fields.String(required=True)
    others = fields.List(fields.Nested(LinkedTicket), required=True)
    entries = fields.List(fields.Nested(EntryView), required=True)
    older = fields.Boolean(required=True)
    older_before = fields.Integer(required=True, allow_none=True)


TICKET = Call(
    service="helpdesk", name="ticket", request=TicketRequest, reply=TicketView, refusals=("TICKET_NOT_FOUND",)
)


class TicketIdRequest(Shape):
    ticket_id = fields.UUID(required=True)


class LeaseTicketRequest(TicketIdRequest):
    """`take_over`: also from a colleague who is answering, which those who lead the desk may do."""

    take_over = fields.Boolean(load_default=False)


class LeaseReply(Shape):
    """`ticket_id` is leased to the caller until then; ask again to keep it.

    `holder_changed`: it was not the caller's before, so others see something else than they did.
    """

    ticket_id = fields.UUID(required=True)
    lease_expires_at = Instant(required=True)
    holder_changed = fields.Boolean(load_default=False)


class ReleaseReply(Shape):
    """`holder_changed`: the lease was the caller's, and had not ended by itself."""

    ticket_id = fields.UUID(required=True)
    holder_changed = fields.Boolean(load_default=False)


LEASE_TICKET = Call(
    service="helpdesk",
    name="lease_ticket",
    request=LeaseTicketRequest,
    reply=LeaseReply,
    refusals=("TICKET_NOT_FOUND", "TICKET_MERGED", "LEASED_BY_ANOTHER"),
    writes=True,
    repeat="harmless",
)
RELEASE_TICKET = Call(
    service="helpdesk",
    name="release_ticket",
    request=TicketIdRequest,
    reply=ReleaseReply,
    refusals=("TICKET_NOT_FOUND",),
    writes=True,
    repeat="harmless",
)


class WrittenReply(Shape):
    """What a write left: the ticket as it stands now, and the row of its thread."""

    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True)
    entry_id = fields.UUID(required=True, allow_none=True)
    state = Choice(*TICKET_STATES, required=True)
    version = fields.Integer(required=True)


class AnswerTicketRequest(TicketIdRequest):
    """Goes to the person by the channel that they wrote by. `version`: the ticket as the agent saw it.

    `then`: what the ticket is in afterwards. `canned_answer_id`: the one that was used, for counting. `file_ids`: files
    that KEEP_FILES has kept for the caller; the person gets links to them.
    """

    version = Whole(required=True)
    text = Prose(longest=LONGEST_DESK_TEXT, required=True)
    then = Choice(
        "open", "waiting_customer", "waiting_third_party", "resolved", load_default="waiting_customer"
    )
    canned_answer_id = fields.UUID(load_default=None, allow_none=True)
    file_ids = Several(fields.UUID(), most=MOST_DESK_FILES, load_default=list)


ANSWER_TICKET = Call(
    service="helpdesk",
    name="answer_ticket",
    request=AnswerTicketRequest,
    reply=WrittenReply,
    refusals=(*CHANGE_REFUSALS, "LEASED_BY_ANOTHER", "NO_WAY_BACK", "FILES_GONE"),
    writes=True,
)


class AddNoteRequest(TicketIdRequest):
    """For the desk alone."""

    text = Prose(longest=LONGEST_DESK_TEXT, required=True)


ADD_NOTE = Call(
    service="helpdesk",
    name="add_note",
    request=AddNoteRequest,
    reply=WrittenReply,
    refusals=("TICKET_NOT_FOUND", "TICKET_MERGED"),
    writes=True,
)


class LogCallRequest(Shape):
    """A telephone call, typed while it is made. Without `ticket_id` a new ticket.

    `email`: where an answer in writing goes. `solved`: said and done on the telephone.
    """

    ticket_id = fields.UUID(load_default=None, allow_none=True)
    phone = Telephone(load_default="", validate=[code("PHONE_INVALID", validate.Regexp(LIKELY_OR_NONE))])
    name = Line(longest=100, load_default="")
    email = EmailAddress(load_default=None, allow_none=True)
    direction = Choice("in", "out", load_default="in")
    subject = Line(longest=LONGEST_DESK_SUBJECT, load_default="")
    text = Prose(longest=LONGEST_DESK_TEXT, required=True)
    category = Choice(*TICKET_CATEGORIES, load_default=None, allow_none=True)
    priority = Choice(*TICKET_PRIORITIES, load_default="normal")
    solved = fields.Boolean(load_default=False)


LOG_CALL = Call(
    service="helpdesk",
    name="log_call",
    request=LogCallRequest,
    reply=WrittenReply,
    refusals=("TICKET_NOT_FOUND", "TICKET_MERGED", "STATE_NOT_ALLOWED"),
    writes=True,
)


class Changes(Shape):
    """What is to be otherwise; what is left out stays. `owner_id` may be None: nobody's. `category` too."""

    state = Choice(*TICKET_STATES)
    priority = Choice(*TICKET_PRIORITIES)
    category = Choice(*TICKET_CATEGORIES, allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    team = Choice(*DESK_TEAMS)
    spam = fields.Boolean()
    subject = Line(longest=LONGEST_DESK_SUBJECT, validate=[code("REQUIRED", validate.Length(min=1))])

    @validates_schema
    def _something(self, changes: dict[str, Any], **_: Any) -> None:
        if not changes:
            raise ValidationError("REQUIRED")


class ChangeTicketRequest(TicketIdRequest):
    """`version` None: whatever it was."""

    version = Whole(load_default=None, allow_none=True)
    changes = fields.Nested(Changes, required=True)


CHANGE_TICKET = Call(
    service="helpdesk",
    name="change_ticket",
    request=ChangeTicketRequest,
    reply=WrittenReply,
    refusals=CHANGE_REFUSALS,
    writes=True,
)


class ChangeTicketsRequest(Shape):
    """The same for many; each is judged by itself."""

    ticket_ids = Several(
        fields.UUID(), most=MOST_TICKETS, required=True, validate=[code("REQUIRED", validate.Length(min=1))]
    )
    changes = fields.Nested(Changes, required=True)


class ChangedOutcome(Shape):
    """`refusal`: None where it was done."""

    ticket_id = fields.UUID(required=True)
    number = fields.String(required=True, allow_none=True)
    refusal = fields.String(required=True, allow_none=True)


class ChangeTicketsReply(Shape):
    results = fields.List(fields.Nested(ChangedOutcome), required=True)


CHANGE_TICKETS = Call(
    service="helpdesk",
    name="change_tickets",
    request=ChangeTicketsRequest,
    reply=ChangeTicketsReply,
    refusals=("NOT_AN_AGENT",),
    writes=True,
)


class RevealAddressesRequest(TicketIdRequest):
    """Why the address has to be seen; it stands in the audit log."""

    reason = Prose(longest=LONGEST_REASON, required=True)


class ShownAddress(Shape):
    channel = Choice(*DESK_CHANNELS, required=True)
    address = fields.String(required=True)


class RevealAddressesReply(Shape):
    addresses = fields.List(fields.Nested(ShownAddress), required=True)


REVEAL_ADDRESSES = Call(
    service="helpdesk",
    name="reveal_addresses",
    request=RevealAddressesRequest,
    reply=RevealAddressesReply,
    refusals=("TICKET_NOT_FOUND",),
    writes=True,
    repeat="anew",
)
