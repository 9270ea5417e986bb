"""What owners of accounts were told: their own messages, in full, and what became of each."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Several, Text
from mtnet_contracts.vocabulary.notices import CATEGORIES
from mtnet_contracts.vocabulary.shapes import Shape

MOST_MARKED = 100
DELIVERY_STATES = ("waiting", "sent", "delivered", "failed", "cancelled")


class OwnMessagesRequest(PageRequest):
    """`query`: words that the message holds, looked for in the newest 200; empty for all."""

    query = Text(longest=100, load_default="")
    unread = fields.Boolean(load_default=False)


class OwnDelivery(Shape):
    """`recipient` is masked, and empty for LINE. `failure` says why it failed; `at` since when the state is so."""

    channel = Choice(*CHANNELS, required=True)
    recipient = fields.String(required=True)
    state = Choice(*DELIVERY_STATES, required=True)
    failure = fields.String(required=True, allow_none=True)
    at = Instant(required=True)


class OwnMessageLine(Shape):
    message_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    category = Choice(*CATEGORIES, required=True)
    subject = fields.String(required=True)
    created_at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)
    deliveries = fields.List(fields.Nested(OwnDelivery), required=True)


class OwnMessagesReply(PageReply):
    """Unread first, then the newest. `unread` counts all that nobody has read."""

    items = fields.List(fields.Nested(OwnMessageLine), required=True)
    unread = fields.Integer(required=True)


OWN_MESSAGES = Call(service="notify", name="own_messages", request=OwnMessagesRequest, reply=OwnMessagesReply)


class OwnMessageRequest(Shape):
    message_id = fields.UUID(required=True)


class OwnMessage(OwnMessageLine):
    """`text` is what was said, as plain text in the language of that time; links that work once are left out.

    `can_be_sent_again` is False for what held such a link, and where it was sent often enough.
    """

    locale = fields.String(required=True)
    text = fields.String(required=True)
    can_be_sent_again = fields.Boolean(required=True)


OWN_MESSAGE = Call(
    service="notify",
    name="own_message",
    request=OwnMessageRequest,
    reply=OwnMessage,
    refusals=("MESSAGE_NOT_FOUND",),
)


class MarkReadRequest(Shape):
    """Which messages were read; none named: all."""

    message_ids = Several(fields.UUID(), most=MOST_MARKED, load_default=list)


class MarkReadReply(Shape):
    unread = fields.Integer(required=True)


MARK_MESSAGES_READ = Call(
    service="notify",
    name="mark_messages_read",
    request=MarkReadRequest,
    reply=MarkReadReply,
    writes=True,
    repeat="harmless",
)

SEND_MESSAGE_AGAIN = Call(
    service="notify",
    name="send_message_again",
    request=OwnMessageRequest,
    reply=OwnMessage,
    refusals=("MESSAGE_NOT_FOUND", "NOT_SENT_AGAIN", "SENT_OFTEN_ENOUGH"),
    writes=True,
)
