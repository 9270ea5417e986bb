"""Answers that are kept ready, in both languages, and the views that an agent keeps."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.desk import TICKET_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import Empty, Shape, code

LONGEST_CANNED_TEXT = 4_000
MOST_CANNED_ANSWERS = 500
MOST_SAVED_VIEWS = 20
# What a text may be filled with: `{name}`, `{number}`, `{agent}`, `{subject}`, `{link}`.
FIELDS = ("name", "number", "agent", "subject", "link")


class CannedAnswersRequest(Shape):
    """`ticket_id`: filled in for this ticket, by this agent; in its person's language `text` says which one fits."""

    ticket_id = fields.UUID(load_default=None, allow_none=True)


class CannedAnswerView(Shape):
    """`text`: filled in, in the language of the ticket's person; empty where no ticket was named."""

    canned_answer_id = fields.UUID(required=True)
    title = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    body_zh = fields.String(required=True)
    body_en = fields.String(required=True)
    used = fields.Integer(required=True)
    updated_at = Instant(required=True)
    updated_by = fields.String(required=True)
    version = fields.Integer(required=True)
    text = fields.String(required=True)


class CannedAnswersReply(Shape):
    """Most used first."""

    items = fields.List(fields.Nested(CannedAnswerView), required=True)


CANNED_ANSWERS = Call(
    service="helpdesk",
    name="canned_answers",
    request=CannedAnswersRequest,
    reply=CannedAnswersReply,
    refusals=("TICKET_NOT_FOUND",),
)


class SaveCannedAnswerRequest(Shape):
    """Without an id a new one. `version`: as it was seen. A field that is no field is refused: UNKNOWN_FIELD."""

    canned_answer_id = fields.UUID(load_default=None, allow_none=True)
    version = Whole(load_default=0)
    title = Line(longest=100, required=True)
    category = Choice(*TICKET_CATEGORIES, load_default=None, allow_none=True)
    body_zh = Prose(longest=LONGEST_CANNED_TEXT, required=True)
    body_en = Prose(longest=LONGEST_CANNED_TEXT, required=True)


class SavedCannedAnswerReply(Shape):
    canned_answer_id = fields.UUID(required=True)
    version = fields.Integer(required=True)


SAVE_CANNED_ANSWER = Call(
    service="helpdesk",
    name="save_canned_answer",
    request=SaveCannedAnswerRequest,
    reply=SavedCannedAnswerReply,
    refusals=("CANNED_ANSWER_NOT_FOUND", "CANNED_ANSWER_CHANGED", "CANNED_ANSWERS_ENOUGH"),
    writes=True,
)


class RetireCannedAnswerRequest(Shape):
    canned_answer_id = fields.UUID(required=True)


RETIRE_CANNED_ANSWER = Call(
    service="helpdesk",
    name="retire_canned_answer",
    request=RetireCannedAnswerRequest,
    reply=Empty,
    refusals=("CANNED_ANSWER_NOT_FOUND",),
    writes=True,
    repeat="harmless",
)


class SavedViewsRequest(Shape):
    """The caller's own."""


class SavedView(Shape):
    """`query`: the filters as they stand in the address."""

    view_id = fields.UUID(required=True)
    name = fields.String(required=True)
    query = fields.String(required=True)


class SavedViewsReply(Shape):
    items = fields.List(fields.Nested(SavedView), required=True)


SAVED_VIEWS = Call(service="helpdesk", name="saved_views", request=SavedViewsRequest, reply=SavedViewsReply)


class SaveViewRequest(Shape):
    """A name that the caller has used already gets the new query."""

    name = Line(longest=60, required=True)
    query = Text(longest=500, required=True, validate=[code("NOT_VALID", validate.Regexp(r"^[ -~]*\Z"))])


SAVE_VIEW = Call(
    service="helpdesk",
    name="save_view",
    request=SaveViewRequest,
    reply=SavedViewsReply,
    refusals=("SAVED_VIEWS_ENOUGH",),
    writes=True,
)


class RemoveViewRequest(Shape):
    view_id = fields.UUID(required=True)


REMOVE_VIEW = Call(
    service="helpdesk",
    name="remove_view",
    request=RemoveViewRequest,
    reply=SavedViewsReply,
    writes=True,
    repeat="harmless",
)
