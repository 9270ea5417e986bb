"""Addresses that nothing is sent to, since what was sent came back or an operator said so; for operators."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

# Why an address is on the list, and how it came off it.
REASONS = ("hard_bounce", "soft_bounces", "operator")
LIFTED_BY = ("operator", "owner")
STATES = ("active", "lifted")
MOST_SUPPRESSIONS = 500
LARGEST_POSITION = 2**31 - 1


class SuppressionsRequest(Shape):
    """Newest first. `address`: one in full, or the end of one from its @ on.

    `before`: the position that the last answer ended with; None for the newest.
    """

    address = Text(longest=254, load_default=None, allow_none=True)
    channel = Choice(*CHANNELS, load_default=None, allow_none=True)
    reason = Choice(*REASONS, load_default=None, allow_none=True)
    state = Choice(*STATES, load_default=None, allow_none=True)
    before = Whole(least=1, most=LARGEST_POSITION, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_SUPPRESSIONS, load_default=50)


class SuppressionView(Shape):
    """`address` is masked. `code` is that of the bounce (RFC 3463). Whoever is None was no operator."""

    position = fields.Integer(required=True)
    channel = fields.String(required=True)
    address = fields.String(required=True)
    reason = Choice(*REASONS, required=True)
    code = fields.String(required=True)
    note = fields.String(required=True)
    since = Instant(required=True)
    added_by = fields.String(required=True, allow_none=True)
    lifted_at = Instant(required=True, allow_none=True)
    lifted_how = Choice(*LIFTED_BY, required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)
    lifted_note = fields.String(required=True)


class SuppressionsReply(Shape):
    """`next_before`: ask with it for older ones; None at the end."""

    items = fields.List(fields.Nested(SuppressionView), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


SUPPRESSIONS = Call(
    service="notify", name="suppressions", request=SuppressionsRequest, reply=SuppressionsReply
)


class SuppressRequest(Shape):
    """`note` says why; other operators read it."""

    channel = Choice(*CHANNELS, required=True)
    address = Text(longest=254, required=True)
    note = Prose(longest=500, required=True)


SUPPRESS = Call(
    service="notify",
    name="suppress",
    request=SuppressRequest,
    reply=SuppressionView,
    refusals=("SUPPRESSED_ALREADY",),
    writes=True,
)


class LiftRequest(Shape):
    position = Whole(least=1, most=LARGEST_POSITION, required=True)
    note = Prose(longest=500, required=True)


LIFT_SUPPRESSION = Call(
    service="notify",
    name="lift_suppression",
    request=LiftRequest,
    reply=SuppressionView,
    refusals=("SUPPRESSION_NOT_FOUND", "LIFTED_ALREADY"),
    writes=True,
)
