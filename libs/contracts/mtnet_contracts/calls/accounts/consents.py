"""The privacy notice, and who has agreed to which version of it."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Text
from mtnet_contracts.vocabulary.shapes import Empty, Shape


class PrivacyNotice(Shape):
    """個資告知書 in force (PDPA Art. 8)."""

    version = fields.String(required=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    body = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    effective_on = fields.Date(required=True)


PRIVACY_NOTICE = Call(service="accounts", name="privacy_notice", request=Empty, reply=PrivacyNotice)


class ConsentView(Shape):
    """`how`: in the application for the account, at a login after a new version, or as one of the demo people."""

    notice_version = fields.String(required=True)
    agreed_at = Instant(required=True)
    how = Choice("application", "login", "demonstration", required=True)


class OwnConsents(Shape):
    """`needed` is the notice in force where its owner has not agreed to it; `agreed` holds the newest 50 consents."""

    needed = fields.Nested(PrivacyNotice, required=True, allow_none=True)
    agreed = fields.List(fields.Nested(ConsentView), required=True)


OWN_CONSENTS = Call(service="accounts", name="own_consents", request=Empty, reply=OwnConsents)


class ConsentRequest(Shape):
    """The version that was read: one that is no longer in force is refused with NOTICE_OUTDATED at this field."""

    notice_version = Text(longest=20, required=True)


AGREE_TO_NOTICE = Call(
    service="accounts",
    name="agree_to_notice",
    request=ConsentRequest,
    reply=OwnConsents,
    refusals=("SESSION_ENDED",),
    writes=True,
    repeat="harmless",
)
DECLINE_NOTICE = Call(
    service="accounts",
    name="decline_notice",
    request=Empty,
    reply=Empty,
    refusals=("SESSION_ENDED",),
    writes=True,
    repeat="harmless",
)
