"""Answers that the desk keeps for questions it is often asked: found while typing, written by leads, due for review."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.desk import TICKET_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Day, Instant, Line, Prose, Several, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

QUICK_ANSWER_STATES = ("draft", "published", "retired")
# What is decided about an answer: made public to the desk, found to be right still, taken over, withdrawn, begun anew.
DECISIONS = ("publish", "confirm", "take_over", "retire", "reopen")
# What a version of an answer came from.
CHANGES = ("written", *DECISIONS)
LONGEST_QUESTION = 200
LONGEST_ANSWER = 5_000
LONGEST_SEARCH = 200
MOST_FOUND = 20
MOST_USED_AT_ONCE = 20
MOST_LISTED = 100
LARGEST_NUMBER = 2**31 - 1


class SearchQuickAnswersRequest(Shape):
    """`drafts`: those that are not public to the desk yet, too, and those that were retired."""

    text = Text(longest=LONGEST_SEARCH, load_default="")
    drafts = fields.Boolean(load_default=False)
    limit = Whole(least=1, most=MOST_FOUND, load_default=8)


class FoundPart(Shape):
    """A part of a text; `marked`: it is what was looked for."""

    text = fields.String(required=True)
    marked = fields.Boolean(required=True)


class FoundAnswer(Shape):
    """`near`: not what was asked for, but nearly. Question and answer are in the language in which it was found."""

    answer_id = fields.UUID(required=True)
    locale = Choice(*LOCALES, required=True)
    question = fields.List(fields.Nested(FoundPart), required=True)
    answer = fields.List(fields.Nested(FoundPart), required=True)
    near = fields.Boolean(required=True)


class SearchQuickAnswersReply(Shape):
    items = fields.List(fields.Nested(FoundAnswer), required=True)


SEARCH_QUICK_ANSWERS = Call(
    service="helpdesk",
    name="search_quick_answers",
    request=SearchQuickAnswersRequest,
    reply=SearchQuickAnswersReply,
    refusals=("SEARCH_NOT_READY",),
)


class MissingAnswerRequest(Shape):
    text = Text(longest=LONGEST_SEARCH, required=True)


class MissingAnswerReply(Shape):
    """`noted`: False where there is an answer, or where the text may be somebody's address or number."""

    noted = fields.Boolean(required=True)


# Somebody ended a search that found nothing: counted, so that leads see which answers are missing.
NOTE_MISSING_ANSWER = Call(
    service="helpdesk",
    name="note_missing_answer",
    request=MissingAnswerRequest,
    reply=MissingAnswerReply,
    refusals=("SEARCH_NOT_READY",),
    writes=True,
)


class MissingAnswersRequest(Shape):
    limit = Whole(least=1, most=MOST_LISTED, load_default=50)


class MissingAnswer(Shape):
    text = fields.String(required=True)
    times = fields.Integer(required=True)
    first_at = Instant(required=True)
    last_at = Instant(required=True)


class MissingAnswersReply(Shape):
    """Most often asked first."""

    items = fields.List(fields.Nested(MissingAnswer), required=True)


MISSING_ANSWERS = Call(
    service="helpdesk", name="missing_answers", request=MissingAnswersRequest, reply=MissingAnswersReply
)


class QuickAnswersRequest(Shape):
    """Newest number first. `due`: published, and to be looked at again by today; the longest overdue first.

    `before`: the number that the last reply ended with; not with `due`.
    """

    state = Choice(*QUICK_ANSWER_STATES, load_default=None, allow_none=True)
    category = Choice(*TICKET_CATEGORIES, load_default=None, allow_none=True)
    due = fields.Boolean(load_default=False)
    before = Whole(least=1, most=LARGEST_NUMBER, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_LISTED, load_default=50)


class QuickAnswerSummary(Shape):
    """`question` is a text by locale."""

    answer_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    state = Choice(*QUICK_ANSWER_STATES, required=True)
    category = Choice(*TICKET_CATEGORIES, required=True)
    question = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    owner_name = fields.String(required=True)
    review_on = Day(required=True)
    due = fields.Boolean(required=True)
    used = fields.Integer(required=True)
    version = fields.Integer(required=True)
    changed_at = Instant(required=True)


class QuickAnswersReply(Shape):
    """`next_before`: ask with it for more; None at the end. `due`: how many are due for review, at most 1,000."""

    items = fields.List(fields.Nested(QuickAnswerSummary), required=True)
    next_before = fields.Integer(required=True, allow_none=True)
    due = fields.Integer(required=True)


QUICK_ANSWERS = Call(
    service="helpdesk", name="quick_answers", request=QuickAnswersRequest, reply=QuickAnswersReply
)


class QuickAnswerRequest(Shape):
    answer_id = fields.UUID(required=True)


class QuickAnswerView(QuickAnswerSummary):
    """`decisions`: what the caller may decide now; `editable`: whether the caller may change the text."""

    answer = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    decisions = fields.List(Choice(*DECISIONS), required=True)
    editable = fields.Boolean(required=True)


QUICK_ANSWER = Call(
    service="helpdesk",
    name="quick_answer",
    request=QuickAnswerRequest,
    reply=QuickAnswerView,
    refusals=("QUICK_ANSWER_NOT_FOUND",),
)


class QuickAnswerHistoryRequest(QuickAnswerRequest):
    """Newest version first. `before`: the version that the last reply ended with."""

    before = Whole(least=1, most=LARGEST_NUMBER, load_default=None, allow_none=True)
    limit = Whole(least=1, most=50, load_default=20)


class QuickAnswerVersion(Shape):
    version = fields.Integer(required=True)
    change = Choice(*CHANGES, required=True)
    note = fields.String(required=True)
    by_name = fields.String(required=True)
    at = Instant(required=True)
    question = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    answer = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class QuickAnswerHistoryReply(Shape):
    items = fields.List(fields.Nested(QuickAnswerVersion), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


QUICK_ANSWER_HISTORY = Call(
    service="helpdesk",
    name="quick_answer_history",
    request=QuickAnswerHistoryRequest,
    reply=QuickAnswerHistoryReply,
    refusals=("QUICK_ANSWER_NOT_FOUND",),
)


class SaveQuickAnswerRequest(Shape):
    """Without `answer_id` a new draft: anybody of the desk may propose one, and change their own; leads change any.

    `version`: that which was seen; 0 for a new one. `review_on`: when it is looked at again, within two years. `note`
    says why; colleagues read it in the history.
    """

    answer_id = fields.UUID(load_default=None, allow_none=True)
    version = Whole(least=0, most=LARGEST_NUMBER, required=True)
    category = Choice(*TICKET_CATEGORIES, required=True)
    question_zh = Line(longest=LONGEST_QUESTION, required=True)
    question_en = Line(longest=LONGEST_QUESTION, required=True)
    answer_zh = Prose(longest=LONGEST_ANSWER, required=True)
    answer_en = Prose(longest=LONGEST_ANSWER, required=True)
    review_on = Day(required=True)
    note = Prose(longest=500, load_default="")


SAVE_QUICK_ANSWER = Call(
    service="helpdesk",
    name="save_quick_answer",
    request=SaveQuickAnswerRequest,
    reply=QuickAnswerView,
    refusals=(
        "QUICK_ANSWER_NOT_FOUND",
        "QUICK_ANSWER_CHANGED",
        "QUICK_ANSWERS_ENOUGH",
        "QUICK_ANSWER_RETIRED",
    ),
    writes=True,
)


class DecideQuickAnswerRequest(Shape):
    """`review_on` goes with `publish` and `confirm`: without it the answer is looked at again in half a year."""

    answer_id = fields.UUID(required=True)
    version = Whole(least=1, most=LARGEST_NUMBER, required=True)
    decision = Choice(*DECISIONS, required=True)
    review_on = Day(load_default=None, allow_none=True)
    note = Prose(longest=500, load_default="")


DECIDE_QUICK_ANSWER = Call(
    service="helpdesk",
    name="decide_quick_answer",
    request=DecideQuickAnswerRequest,
    reply=QuickAnswerView,
    refusals=("QUICK_ANSWER_NOT_FOUND", "QUICK_ANSWER_CHANGED", "DECISION_NOT_ALLOWED"),
    writes=True,
)


class UseQuickAnswersRequest(Shape):
    """`locale`: the language of whoever is answered."""

    answer_ids = Several(fields.UUID(), most=MOST_USED_AT_ONCE, required=True)
    locale = Choice(*LOCALES, required=True)


class UsedAnswer(Shape):
    answer_id = fields.UUID(required=True)
    answer = fields.String(required=True)


class UseQuickAnswersReply(Shape):
    """Those of them that are published, in the order asked for."""

    items = fields.List(fields.Nested(UsedAnswer), required=True)


# The texts that an agent puts into an answer; each is counted.
USE_QUICK_ANSWERS = Call(
    service="helpdesk",
    name="use_quick_answers",
    request=UseQuickAnswersRequest,
    reply=UseQuickAnswersReply,
    writes=True,
)
