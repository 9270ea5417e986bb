"""The audit log, for operators."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Day, Instant, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

MOST_ENTRIES = 500
LARGEST_POSITION = 2**31 - 1


class AuditEntriesRequest(Shape):
    """Newest first. `name`: an account name or case number, of whoever did it or whom it was done to. Days: Taipei.

    `before`: the position that the last answer ended with; None for the newest.
    """

    from_day = Day(load_default=None, allow_none=True)
    to_day = Day(load_default=None, allow_none=True)
    action = Text(longest=60, load_default=None, allow_none=True)
    name = Text(longest=40, load_default=None, allow_none=True)
    ip = Text(longest=45, load_default=None, allow_none=True)
    before = Whole(least=1, most=LARGEST_POSITION, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_ENTRIES, load_default=50)


class AuditEntryView(Shape):
    """`actor` and `subject` are an account name or case number; None for nobody, or for one that is gone."""

    position = fields.Integer(required=True)
    at = Instant(required=True)
    action = fields.String(required=True)
    actor_account_id = fields.UUID(required=True, allow_none=True)
    actor = fields.String(required=True, allow_none=True)
    subject_id = fields.UUID(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    detail = fields.Dict(keys=fields.String(), required=True)
    ip = fields.String(required=True, allow_none=True)


class AuditEntriesReply(Shape):
    """`next_before`: ask with it for older ones; None at the end. The log holds up to entry `verified_position`."""

    items = fields.List(fields.Nested(AuditEntryView), required=True)
    next_before = fields.Integer(required=True, allow_none=True)
    verified_at = Instant(required=True, allow_none=True)
    verified_position = fields.Integer(required=True, allow_none=True)
    broken_position = fields.Integer(required=True, allow_none=True)


AUDIT_ENTRIES = Call(
    service="accounts",
    name="audit_entries",
    request=AuditEntriesRequest,
    reply=AuditEntriesReply,
)
