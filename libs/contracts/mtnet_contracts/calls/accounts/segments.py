"""Which accounts belong to a segment that is written to: asked page by page, for operators."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.kinds import Choice, Several, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

SEGMENTS = ("everybody", "managers", "system")
MOST_ACCOUNTS = 5_000
MOST_NAMES = 10_000


class SegmentAccountsRequest(Shape):
    """`system` goes with the segment of that name. `after` is the `next_after` of the answer before."""

    segment = Choice(*SEGMENTS, required=True)
    system = Choice(*SYSTEMS, load_default=None, allow_none=True)
    after = fields.UUID(load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_ACCOUNTS, load_default=MOST_ACCOUNTS)

    @validates_schema
    def _names_a_system(self, request: dict[str, Any], **_: Any) -> None:
        if request["segment"] == "system" and request["system"] is None:
            raise ValidationError("REQUIRED", field_name="system")


class SegmentAccountsReply(Shape):
    """In the order of the ids. `next_after` is None at the end."""

    account_ids = fields.List(fields.UUID(), required=True)
    next_after = fields.UUID(required=True, allow_none=True)


SEGMENT_ACCOUNTS = Call(
    service="accounts", name="segment_accounts", request=SegmentAccountsRequest, reply=SegmentAccountsReply
)


class AccountsNamedRequest(Shape):
    """Capitals make no other name."""

    account_names = Several(Text(longest=40), most=MOST_NAMES, required=True)


class AccountsNamedReply(Shape):
    """Each account once; `unknown_names` are the names that nobody has who can be written to."""

    account_ids = fields.List(fields.UUID(), required=True)
    unknown_names = fields.List(fields.String(), required=True)


ACCOUNTS_NAMED = Call(
    service="accounts", name="accounts_named", request=AccountsNamedRequest, reply=AccountsNamedReply
)
