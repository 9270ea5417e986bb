"""What came in and was held: more of one sender or thread than a person writes. A lead lets it in or discards it."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Prose, Whole
from mtnet_contracts.vocabulary.shapes import Shape

HELD_BECAUSE = ("sender", "thread")
DECISIONS = ("release", "discard")
MOST_HELD = 50
LONGEST_REASON = 300


class HeldItemsRequest(Shape):
    """`after`: the place where the last page ended."""

    after = Whole(least=0, most=2**31 - 1, load_default=0)


class HeldHeader(Shape):
    name = fields.String(required=True)
    value = fields.String(required=True)


class HeldItem(Shape):
    """`sender` and all addresses in `headers` are masked. Without headers: no mail, or one that is very large.

    `because`: `sender`, or `thread`, brought more within the hour than a person writes.
    """

    item_id = fields.UUID(required=True)
    channel = Choice("email", "line", "web", required=True)
    received_at = Instant(required=True)
    size_bytes = fields.Integer(required=True)
    because = Choice(*HELD_BECAUSE, required=True, allow_none=True)
    sender = fields.String(required=True)
    subject = fields.String(required=True)
    headers = fields.List(fields.Nested(HeldHeader), required=True)


class HeldItemsReply(Shape):
    """In the order in which they came. `next`: where the next page begins; none where this is the last one."""

    items = fields.List(fields.Nested(HeldItem), required=True)
    next = fields.Integer(required=True, allow_none=True)


HELD_ITEMS = Call(
    service="helpdesk",
    name="held_items",
    request=HeldItemsRequest,
    reply=HeldItemsReply,
)


class DecideHeldItemRequest(Shape):
    """Why; it stands in the audit log."""

    item_id = fields.UUID(required=True)
    decision = Choice(*DECISIONS, required=True)
    reason = Prose(longest=LONGEST_REASON, required=True)


class DecidedHeldItem(Shape):
    item_id = fields.UUID(required=True)
    decision = Choice(*DECISIONS, required=True)


# Not held, or decided already: HELD_ITEM_NOT_FOUND.
DECIDE_HELD_ITEM = Call(
    service="helpdesk",
    name="decide_held_item",
    request=DecideHeldItemRequest,
    reply=DecidedHeldItem,
    refusals=("HELD_ITEM_NOT_FOUND",),
    writes=True,
)
