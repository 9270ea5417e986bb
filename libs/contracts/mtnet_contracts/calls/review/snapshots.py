"""All cases as they are now, for a downstream system that begins, or that lost its database."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.system_accounts import Paged
from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.review.cases import CASE_STATES
from mtnet_contracts.vocabulary.kinds import Choice, Instant
from mtnet_contracts.vocabulary.shapes import Shape


class SnapshotCase(Shape):
    """A case as its events tell it: no name, no answer, no note.

    `unit` has it, or had it last, at `stage` of `stages`, since `waiting_since`; a decided case was decided then.
    `due_on`: the Taipei day by which this stage should be done. `resubmit_by` is null but where the applicant has to
    correct it. `sequence`: the number of the last event of this case that its row knows of.
    """

    application_id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    state = Choice(*CASE_STATES, required=True)
    submission = fields.Integer(required=True)
    unit = fields.String(required=True)
    stage = fields.Integer(required=True)
    stages = fields.Integer(required=True)
    waiting_since = Instant(required=True)
    due_on = fields.Date(required=True)
    resubmit_by = fields.Date(required=True, allow_none=True)
    sequence = fields.Integer(required=True)


class CasesSnapshot(Shape):
    """By application id. What is announced after the `as_of` of the first page is not lost: it comes as an event."""

    as_of = Instant(required=True)
    items = fields.List(fields.Nested(SnapshotCase), required=True)
    next = fields.UUID(required=True, allow_none=True)


CASES_SNAPSHOT = Call(
    service="review",
    name="cases_snapshot",
    request=Paged,
    reply=CasesSnapshot,
)
