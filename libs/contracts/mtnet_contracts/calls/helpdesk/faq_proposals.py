"""An answered ticket becomes a question for everybody: proposed to the editors, without anything of a person."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.content.faq_drafts import FAQ_DRAFT_STATES, LONGEST_ANSWER, LONGEST_QUESTION
from mtnet_contracts.calls.content.pages import FAQ_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Prose
from mtnet_contracts.vocabulary.shapes import Shape

# What a passage looks like that may be of a person.
PERSONAL_KINDS = ("number", "address", "name")


class PersonalPassage(Shape):
    """`field`: of ProposeFaqRequest."""

    field = fields.String(required=True)
    kind = Choice(*PERSONAL_KINDS, required=True)
    text = fields.String(required=True)


class FaqBeginningRequest(Shape):
    ticket_id = fields.UUID(required=True)


class FaqProposal(Shape):
    """`state`: what became of it. `slug`: of the page that it became; `reason`: why it was declined."""

    draft_id = fields.UUID(required=True)
    state = Choice(*FAQ_DRAFT_STATES, required=True)
    question = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    proposed_by_name = fields.String(required=True)
    proposed_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True)
    slug = fields.String(required=True, allow_none=True)


class FaqBeginningReply(Shape):
    """What a proposal begins with, from the ticket's subject and the last answer in its language, and what looks like
    something of a person in it; and what was proposed before, newest first. `may_propose`: it was answered, and nothing
    that was proposed is undecided.
    """

    may_propose = fields.Boolean(required=True)
    category = Choice(*FAQ_CATEGORIES, required=True, allow_none=True)
    question_zh = fields.String(required=True)
    question_en = fields.String(required=True)
    answer_zh = fields.String(required=True)
    answer_en = fields.String(required=True)
    personal = fields.List(fields.Nested(PersonalPassage), required=True)
    proposals = fields.List(fields.Nested(FaqProposal), required=True)


FAQ_BEGINNING = Call(
    service="helpdesk",
    name="faq_beginning",
    request=FaqBeginningRequest,
    reply=FaqBeginningReply,
    refusals=("TICKET_NOT_FOUND",),
)


class ProposeFaqRequest(Shape):
    """`checked`: the agent has read it, and nothing in it is of a person. Without it, what looks so is refused with
    PERSONAL_DATA, whose detail names the passages.
    """

    ticket_id = fields.UUID(required=True)
    category = Choice(*FAQ_CATEGORIES, required=True)
    question_zh = Line(longest=LONGEST_QUESTION, required=True)
    question_en = Line(longest=LONGEST_QUESTION, required=True)
    answer_zh = Prose(longest=LONGEST_ANSWER, required=True)
    answer_en = Prose(longest=LONGEST_ANSWER, required=True)
    checked = fields.Boolean(load_default=False)


PROPOSE_FAQ = Call(
    service="helpdesk",
    name="propose_faq",
    request=ProposeFaqRequest,
    reply=FaqProposal,
    refusals=("TICKET_NOT_FOUND", "TICKET_MERGED", "NOT_ANSWERED_YET", "PROPOSED_ALREADY", "PERSONAL_DATA"),
    writes=True,
)
