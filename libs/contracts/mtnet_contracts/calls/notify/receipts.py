"""What providers of channels tell later about messages that they took."""

from marshmallow import fields, validate

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice
from mtnet_contracts.vocabulary.shapes import Shape

LARGEST_RECEIPT_BYTES = 3000
# Base64 makes four characters of three bytes.
LONGEST_BODY = LARGEST_RECEIPT_BYTES // 3 * 4
BASE64 = r"[A-Za-z0-9+/]*={0,2}\Z"
LONGEST_HEADER = 1000
# Those that prove who posted it.
SIGNATURES = ("authorization", "x-signature")
# recorded; not known, or not yet: to be sent again; not signed by the provider; signed, but it says nothing that we
# understand; the channel's provider posts no receipts.
OUTCOMES = ("recorded", "unknown", "forged", "unreadable", "not_offered")


class ReceiptsRequest(Shape):
    """A request of a provider as it came: `body` is its bytes in base64, `headers` those of SIGNATURES that it had."""

    channel = Choice(*CHANNELS, required=True)
    provider = fields.String(
        load_default="", validate=[validate.Length(max=40), validate.Regexp(r"[a-z0-9-]*\Z")]
    )
    body = fields.String(required=True, validate=[validate.Length(max=LONGEST_BODY), validate.Regexp(BASE64)])
    headers = fields.Dict(
        keys=Choice(*SIGNATURES),
        values=fields.String(validate=[validate.Length(max=LONGEST_HEADER), validate.Regexp(r"[ -~]*\Z")]),
        load_default=dict,
        validate=validate.Length(max=len(SIGNATURES)),
    )


class ReceiptsReply(Shape):
    outcome = Choice(*OUTCOMES, required=True)


RECEIVE_RECEIPTS = Call(
    service="notify",
    name="receive_receipts",
    request=ReceiptsRequest,
    reply=ReceiptsReply,
    writes=True,
    repeat="harmless",
)
