"""What became of messages, for operators."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant
from mtnet_contracts.vocabulary.shapes import Shape

# `sent`: the provider took it and will tell more.
STATES = ("waiting", "sent", "delivered", "failed", "cancelled")


class DeliveriesRequest(PageRequest):
    state = Choice(*STATES, load_default=None, allow_none=True)
    subject_id = fields.UUID(load_default=None, allow_none=True)


class AttemptView(Shape):
    """`receipt`: what the provider told later about this attempt."""

    at = Instant(required=True)
    outcome = fields.String(required=True)
    detail = fields.String(required=True)
    receipt = fields.String(load_default=None, allow_none=True)
    receipt_detail = fields.String(load_default=None, allow_none=True)
    receipt_at = Instant(load_default=None, allow_none=True)


class DeliveryView(Shape):
    """`recipient` is masked: an operator sees that it was sent, not to whom."""

    message_id = fields.UUID(required=True)
    delivery_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    channel = Choice(*CHANNELS, required=True)
    recipient = fields.String(required=True)
    state = Choice(*STATES, required=True)
    subject_id = fields.UUID(required=True)
    created_at = Instant(required=True)
    next_attempt_at = Instant(required=True, allow_none=True)
    attempts = fields.List(fields.Nested(AttemptView), required=True)


class DeliveriesReply(PageReply):
    items = fields.List(fields.Nested(DeliveryView), required=True)


DELIVERIES = Call(
    service="notify",
    name="deliveries",
    request=DeliveriesRequest,
    reply=DeliveriesReply,
)
