"""What the person who wrote may do with the secret link of their ticket: read, answer, say whether it helped."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.documents import FileView
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS, LONGEST_DESK_TEXT, MOST_DESK_FILES, TICKET_STATES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Prose, Several, Token, Whole
from mtnet_contracts.vocabulary.shapes import Shape

REFUSALS = ("DESK_LINK_INVALID",)


class FollowTicketRequest(Shape):
    link_token = Token(required=True)


class ReadByLinkRequest(FollowTicketRequest):
    """`before`: what was said before that, as `older_before` of the last answer gave it."""

    before = Whole(least=1, load_default=None, allow_none=True)


class FollowedFile(Shape):
    """`held_back`: why it cannot be opened, such as `not_scanned`; empty where it can."""

    attachment_id = fields.UUID(required=True)
    filename = fields.String(required=True)
    size = fields.Integer(required=True)
    held_back = fields.String(required=True)


class FollowedEntry(Shape):
    """What the person wrote, or the desk answered. `mine`: the person's own. Notes of the desk are never here.

    `attachments`: its files; `files`: their names alone.
    """

    at = Instant(required=True)
    mine = fields.Boolean(required=True)
    channel = Choice(*DESK_CHANNELS, required=True, allow_none=True)
    text = fields.String(required=True)
    files = fields.List(fields.String(), required=True)
    attachments = fields.List(fields.Nested(FollowedFile), load_default=list)


class FollowedTicket(Shape):
    """`may_answer`: not once it has been closed. `may_rate`: once it is resolved, and again until it is closed for 30
    days. `older_before`: ask with it for what was said earlier; None where that is all. `answered_by_mail`: a form
    opened it; where its person had asked before, the answer is in the mail alone.
    """

    number = fields.String(required=True)
    subject = fields.String(required=True)
    state = Choice(*TICKET_STATES, required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    may_answer = fields.Boolean(required=True)
    answered_by_mail = fields.Boolean(load_default=False)
    may_rate = fields.Boolean(required=True)
    satisfaction = fields.Integer(required=True, allow_none=True)
    satisfaction_comment = fields.String(required=True)
    entries = fields.List(fields.Nested(FollowedEntry), required=True)
    older_before = fields.Integer(required=True, allow_none=True)


FOLLOW_TICKET = Call(
    service="helpdesk",
    name="follow_ticket",
    request=ReadByLinkRequest,
    reply=FollowedTicket,
    refusals=REFUSALS,
)


class AnswerByLinkRequest(FollowTicketRequest):
    """`file_ids`: files that KEEP_FILES_BY_LINK has kept for this link."""

    text = Prose(longest=LONGEST_DESK_TEXT, required=True)
    file_ids = Several(fields.UUID(), most=MOST_DESK_FILES, load_default=list)


ANSWER_BY_LINK = Call(
    service="helpdesk",
    name="answer_by_link",
    request=AnswerByLinkRequest,
    reply=FollowedTicket,
    refusals=(*REFUSALS, "TICKET_CLOSED", "WRITTEN_OFTEN_ENOUGH", "FILES_GONE"),
    writes=True,
)


class FollowedFileRequest(FollowTicketRequest):
    attachment_id = fields.UUID(required=True)


# Also for a file of somebody else, and while it is held back.
FOLLOWED_FILE = Call(
    service="helpdesk",
    name="followed_file",
    request=FollowedFileRequest,
    reply=FileView,
    refusals=(*REFUSALS, "FILE_MISSING"),
)


class RateTicketRequest(FollowTicketRequest):
    """1 is not helped at all, 5 is helped very well. Said once more, the later one counts."""

    satisfaction = Whole(least=1, most=5, required=True)
    comment = Prose(longest=1000, load_default="")


RATE_TICKET = Call(
    service="helpdesk",
    name="rate_ticket",
    request=RateTicketRequest,
    reply=FollowedTicket,
    refusals=(*REFUSALS, "NOT_RESOLVED_YET"),
    writes=True,
    repeat="harmless",
)
