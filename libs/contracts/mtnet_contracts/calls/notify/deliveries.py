"""States of deliveries, and their attempts as operators see them."""

from marshmallow import fields

from mtnet_contracts.vocabulary.kinds import Instant
from mtnet_contracts.vocabulary.shapes import Shape

# `sent`: the provider took it and will tell more.
STATES = ("waiting", "sent", "delivered", "failed", "cancelled")


class AttemptView(Shape):
    """`receipt`: what the provider told later about this attempt."""

    at = Instant(required=True)
    outcome = fields.String(required=True)
    detail = fields.String(required=True)
    receipt = fields.String(load_default=None, allow_none=True)
    receipt_detail = fields.String(load_default=None, allow_none=True)
    receipt_at = Instant(load_default=None, allow_none=True)
