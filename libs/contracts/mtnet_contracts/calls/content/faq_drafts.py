"""Questions that the helpdesk proposes for everybody: editors change them, publish them, or say why not."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Prose, Whole
from mtnet_contracts.vocabulary.shapes import Shape

FAQ_DRAFT_STATES = ("proposed", "published", "declined")
FAQ_DECISIONS = ("publish", "decline")
LONGEST_QUESTION = 200
LONGEST_ANSWER = 5_000
LONGEST_REASON = 500
MOST_LISTED = 100
LARGEST_NUMBER = 2**31 - 1


class FaqDraftsRequest(Shape):
    """Newest number first. `before`: the number that the last reply ended with."""

    state = Choice(*FAQ_DRAFT_STATES, load_default=None, allow_none=True)
    before = Whole(least=1, most=LARGEST_NUMBER, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_LISTED, load_default=50)


class FaqDraftSummary(Shape):
    """`question` is a text by locale. `ticket_number`: the helpdesk's, of the ticket that the answer was written in."""

    draft_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    state = Choice(*FAQ_DRAFT_STATES, required=True)
    category = Choice(*FAQ_CATEGORIES, required=True)
    question = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    ticket_number = fields.String(required=True)
    proposed_by_name = fields.String(required=True)
    proposed_at = Instant(required=True)
    version = fields.Integer(required=True)


class FaqDraftsReply(Shape):
    """`next_before`: ask with it for more; None at the end. `waiting`: how many are proposed, at most 1,000."""

    items = fields.List(fields.Nested(FaqDraftSummary), required=True)
    next_before = fields.Integer(required=True, allow_none=True)
    waiting = fields.Integer(required=True)


FAQ_DRAFTS = Call(service="content", name="faq_drafts", request=FaqDraftsRequest, reply=FaqDraftsReply)


class FaqDraftRequest(Shape):
    draft_id = fields.UUID(required=True)


class FaqDraftView(FaqDraftSummary):
    """`answer` is Markdown by locale. `slug`: of the page that it became. `reason`: why it was declined."""

    answer = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    decided_by_name = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True)
    slug = fields.String(required=True, allow_none=True)


FAQ_DRAFT = Call(
    service="content",
    name="faq_draft",
    request=FaqDraftRequest,
    reply=FaqDraftView,
    refusals=("FAQ_DRAFT_NOT_FOUND",),
)


class SaveFaqDraftRequest(FaqDraftRequest):
    """`version`: that which was seen."""

    version = Whole(least=1, most=LARGEST_NUMBER, required=True)
    category = Choice(*FAQ_CATEGORIES, required=True)
    question_zh = Line(longest=LONGEST_QUESTION, required=True)
    question_en = Line(longest=LONGEST_QUESTION, required=True)
    answer_zh = Prose(longest=LONGEST_ANSWER, required=True)
    answer_en = Prose(longest=LONGEST_ANSWER, required=True)


SAVE_FAQ_DRAFT = Call(
    service="content",
    name="save_faq_draft",
    request=SaveFaqDraftRequest,
    reply=FaqDraftView,
    refusals=("FAQ_DRAFT_NOT_FOUND", "FAQ_DRAFT_CHANGED", "FAQ_DRAFT_DECIDED"),
    writes=True,
)


class DecideFaqDraftRequest(FaqDraftRequest):
    """`reason`: needed to decline; the agent who proposed it reads it."""

    version = Whole(least=1, most=LARGEST_NUMBER, required=True)
    decision = Choice(*FAQ_DECISIONS, required=True)
    reason = Prose(longest=LONGEST_REASON, load_default="")


DECIDE_FAQ_DRAFT = Call(
    service="content",
    name="decide_faq_draft",
    request=DecideFaqDraftRequest,
    reply=FaqDraftView,
    refusals=("FAQ_DRAFT_NOT_FOUND", "FAQ_DRAFT_CHANGED", "FAQ_DRAFT_DECIDED"),
    writes=True,
)
