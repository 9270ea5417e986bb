"""The link at the end of mails that can be done without (RFC 8058). Whoever has it stops them, without logging in."""

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Token
from mtnet_contracts.vocabulary.notices import Category
from mtnet_contracts.vocabulary.shapes import Shape


class UnsubscribeRequest(Shape):
    unsubscribe_token = Token(required=True)


class UnsubscribeReply(Shape):
    """What the link stops."""

    category = Choice(*Category, required=True)


UNSUBSCRIBE_LINK = Call(
    service="notify",
    name="unsubscribe_link",
    request=UnsubscribeRequest,
    reply=UnsubscribeReply,
    refusals=("LINK_NOT_VALID",),
)
UNSUBSCRIBE = Call(
    service="notify",
    name="unsubscribe",
    request=UnsubscribeRequest,
    reply=UnsubscribeReply,
    refusals=("LINK_NOT_VALID",),
    writes=True,
    repeat="harmless",
)
