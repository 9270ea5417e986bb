"""Prove a contact by a one-time code."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.applications import (
    TOKEN_REFUSALS,
    ApplicationToken,
    ApplicationView,
    FromDevice,
)
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import CONTACTS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Text
from mtnet_contracts.vocabulary.shapes import Shape


class ContactRequest(ApplicationToken, FromDevice):
    contact = Choice(*CONTACTS, required=True)


class CodeSent(Shape):
    """A code is on its way. The recipient is masked (`a•••@example.com`, `+886 9•• ••• 678`)."""

    challenge_id = fields.UUID(required=True)
    channel = Choice("email", "sms", required=True)
    recipient = fields.String(required=True)
    expires_at = Instant(required=True)
    resend_at = Instant(required=True)


REQUEST_CONTACT_CODE = Call(
    service="accounts",
    name="request_contact_code",
    request=ContactRequest,
    reply=CodeSent,
    refusals=(
        *TOKEN_REFUSALS,
        "NOT_EDITABLE",
        "CONTACT_MISSING",
        "ALREADY_VERIFIED",
        "TOO_SOON",
        "TOO_MANY_CODES",
    ),
    writes=True,
)


class VerifyContactRequest(ContactRequest):
    code = Text(longest=20, required=True)


VERIFY_CONTACT = Call(
    service="accounts",
    name="verify_contact",
    request=VerifyContactRequest,
    reply=ApplicationView,
    refusals=(*TOKEN_REFUSALS, "NOT_EDITABLE", "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID", "TOO_MANY_GUESSES"),
    writes=True,
)
