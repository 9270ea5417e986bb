"""What was sent to whom, for operators: searched for, each attempt, sent once more. Addresses are masked."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.notify.deliveries import STATES, AttemptView
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Characters, Choice, Day, Instant, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape, code

MOST_DELIVERIES = 200
LONGEST_REASON = 300
# Where a page ended: an instant and an id.
LONGEST_PLACE = 80


class FindDeliveriesRequest(Shape):
    """Newest first. `name`: a case number or an account name. `address`: an e-mail address, telephone or fax number or
    LINE user id, exactly; it is compared and never shown. Days: Taipei. `before`: as the last answer gave it.
    """

    name = Text(longest=40, load_default=None, allow_none=True)
    address = Text(longest=254, load_default=None, allow_none=True)
    state = Choice(*STATES, load_default=None, allow_none=True)
    channel = Choice(*CHANNELS, load_default=None, allow_none=True)
    kind = Text(longest=60, load_default=None, allow_none=True)
    from_day = Day(load_default=None, allow_none=True)
    to_day = Day(load_default=None, allow_none=True)
    before = Characters(
        longest=LONGEST_PLACE,
        load_default=None,
        allow_none=True,
        validate=[code("NOT_VALID", validate.Regexp(r"^[0-9T:.+-]{20,40} [0-9a-f-]{36}\Z"))],
    )
    limit = Whole(least=1, most=MOST_DELIVERIES, load_default=25)


class FoundDelivery(Shape):
    """`name` is the case number or account name that the message tells; `again_of`: it was sent once more.

    `may_be_sent_again`: it has ended, holds no code or link, and was not sent too often.
    """

    delivery_id = fields.UUID(required=True)
    message_id = fields.UUID(required=True)
    again_of = fields.UUID(required=True, allow_none=True)
    kind = fields.String(required=True)
    locale = fields.String(required=True)
    template_version = fields.Integer(required=True)
    name = fields.String(required=True)
    channel = fields.String(required=True)
    recipient = fields.String(required=True)
    state = Choice(*STATES, required=True)
    failure = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)
    next_attempt_at = Instant(required=True, allow_none=True)
    may_be_sent_again = fields.Boolean(required=True)
    attempts = fields.List(fields.Nested(AttemptView), required=True)


class FindDeliveriesReply(Shape):
    """`next_before`: ask with it for older ones; None at the end."""

    items = fields.List(fields.Nested(FoundDelivery), required=True)
    next_before = fields.String(required=True, allow_none=True)


class SendAgainRequest(Shape):
    delivery_id = fields.UUID(required=True)
    reason = Prose(longest=LONGEST_REASON, required=True)


class SendAgainReply(Shape):
    """The message that goes out now; it says what the first one said."""

    message_id = fields.UUID(required=True)
    delivery_id = fields.UUID(required=True)


FIND_DELIVERIES = Call(
    service="notify", name="find_deliveries", request=FindDeliveriesRequest, reply=FindDeliveriesReply
)
SEND_AGAIN = Call(
    service="notify",
    name="send_delivery_again",
    request=SendAgainRequest,
    reply=SendAgainReply,
    refusals=(
        "DELIVERY_NOT_FOUND",
        "STILL_ON_ITS_WAY",
        "NOT_SENT_TWICE",
        "SENT_OFTEN_ENOUGH",
        "ADDRESS_SUPPRESSED",
    ),
    writes=True,
)
