"""LINE: what its platform tells the portal, and how a person's account or case is linked with a LINE user."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Characters, Instant, Text
from mtnet_contracts.vocabulary.shapes import Shape

# Of a webhook's body; LINE's are a few kilobytes.
LARGEST_WEBHOOK_BYTES = 256 * 1024
LONGEST_SIGNATURE = 100
LONGEST_LINK_TOKEN = 200


class LineWebhook(Shape):
    """`body`: the bytes as they came, in base64, since their signature is about every one of them."""

    body = Characters(longest=4 * LARGEST_WEBHOOK_BYTES // 3 + 4, required=True)
    signature = Characters(longest=LONGEST_SIGNATURE, required=True)


class Nothing(Shape):
    """Nothing is asked, or answered."""


RECEIVE_LINE_WEBHOOK = Call(
    service="notify",
    name="receive_line_webhook",
    request=LineWebhook,
    reply=Nothing,
    refusals=("WEBHOOK_SIGNATURE_WRONG", "WEBHOOK_UNREADABLE"),
    writes=True,
    repeat="harmless",
)


class LineLinkView(Shape):
    """`reachable`: False once the LINE user has blocked us. `add_friend_url` is for a QR code and a button."""

    linked = fields.Boolean(required=True)
    reachable = fields.Boolean(required=True)
    linked_at = Instant(required=True, allow_none=True)
    add_friend_url = fields.String(required=True)


LINE_LINK = Call(service="notify", name="line_link", request=Nothing, reply=LineLinkView)


class LinkTokenRequest(Shape):
    """`link_token` is the one in the link of the chat."""

    link_token = Text(longest=LONGEST_LINK_TOKEN, required=True)


class LinkTargetReply(Shape):
    """Who the link was written to, as LINE calls them; `dialog_origin`: where a form that goes on leads."""

    display_name = fields.String(required=True)
    dialog_origin = fields.String(required=True)


LINE_LINK_TARGET = Call(
    service="notify",
    name="line_link_target",
    request=LinkTokenRequest,
    reply=LinkTargetReply,
    refusals=("LINE_LINK_INVALID", "LINE_NO_FRIEND", "LINE_AWAY"),
)


class StartLinkReply(Shape):
    """`dialog_url`: where LINE asks its user, within ten minutes."""

    dialog_url = fields.String(required=True)


START_LINE_LINK = Call(
    service="notify",
    name="start_line_link",
    request=LinkTokenRequest,
    reply=StartLinkReply,
    refusals=("LINE_LINK_INVALID", "LINE_NO_FRIEND", "LINE_AWAY", "ACCOUNT_CLOSED", "CASE_HAS_ACCOUNT"),
    writes=True,
    repeat="anew",
)

UNLINK_LINE = Call(
    service="notify", name="unlink_line", request=Nothing, reply=LineLinkView, writes=True, repeat="harmless"
)
