"""What owners see and change of their own account: their data and their contacts."""

from typing import Any

from marshmallow import ValidationError, fields, post_load

from mtnet_contracts.calls.accounts.verification import CodeSent
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.choices import IDENTITY_TYPES, LOCALES
from mtnet_contracts.vocabulary.kinds import (
    Choice,
    EmailAddress,
    Instant,
    Line,
    Source,
    Telephone,
    Text,
    Token,
    Whole,
)
from mtnet_contracts.vocabulary.shapes import Empty, Shape

CONTACT_KINDS = ("email", "mobile")


class ProfileView(Shape):
    """`masked_id_number` is None for staff accounts, which nobody applied for; name, account name and ID number are
    changed by request only (privacy_rights). `locale` is the language of mails. `version` is sent back with a change.
    """

    account_name = fields.String(required=True)
    name = fields.String(required=True)
    masked_id_number = fields.String(required=True, allow_none=True)
    identity_type = Choice(*IDENTITY_TYPES, required=True)
    organisation_name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    fax = fields.String(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    title = fields.String(required=True, allow_none=True)
    locale = Choice(*LOCALES, required=True)
    version = fields.Integer(required=True)


OWN_PROFILE = Call(service="accounts", name="own_profile", request=Empty, reply=ProfileView)


class SaveProfileRequest(Shape):
    """Only what is sent is changed; an empty value removes what was there, but for `phone`."""

    version = Whole(required=True)
    phone = Telephone(allow_none=True)
    fax = Telephone(allow_none=True)
    department = Line(longest=50, allow_none=True)
    title = Line(longest=50, allow_none=True)
    locale = Choice(*LOCALES)


SAVE_PROFILE = Call(
    service="accounts",
    name="save_profile",
    request=SaveProfileRequest,
    reply=ProfileView,
    refusals=("ANSWERS_CHANGED",),
    writes=True,
)


class OwnContact(Shape):
    """A contact that was proved. The first of its kind (`is_primary`) is the one that everything goes to."""

    contact_id = fields.UUID(required=True)
    kind = Choice(*CONTACT_KINDS, required=True)
    value = fields.String(required=True)
    is_primary = fields.Boolean(required=True)
    verified_at = Instant(required=True)


class WaitingContact(Shape):
    """A contact that was asked for and does not count before its code. `contact_id`: which one it replaces."""

    change_id = fields.UUID(required=True)
    kind = Choice(*CONTACT_KINDS, required=True)
    value = fields.String(required=True)
    contact_id = fields.UUID(required=True, allow_none=True)
    expires_at = Instant(required=True)


class OwnContacts(Shape):
    contacts = fields.List(fields.Nested(OwnContact), required=True)
    waiting = fields.List(fields.Nested(WaitingContact), required=True)


OWN_CONTACTS = Call(service="accounts", name="own_contacts", request=Empty, reply=OwnContacts)


class ContactChangeRequest(Shape):
    """`value` is an address or a mobile number, as `kind` says; `replaces` is the contact in whose place it comes."""

    kind = Choice(*CONTACT_KINDS, required=True)
    value = Text(longest=254, required=True)
    replaces = fields.UUID(load_default=None, allow_none=True)

    @post_load
    def _as_an_address(self, request: dict[str, Any], **_: Any) -> dict[str, Any]:
        if request["kind"] == "email":
            try:
                request["value"] = EmailAddress(required=True).deserialize(request["value"])
            except ValidationError as problem:
                raise ValidationError(problem.messages, field_name="value") from problem
        return request


CONTACT_REFUSALS = ("CONTACT_NOT_FOUND", "CONTACT_KNOWN", "TOO_MANY_CONTACTS")
REQUEST_CONTACT_CHANGE = Call(
    service="accounts",
    name="request_contact_change",
    request=ContactChangeRequest,
    reply=CodeSent,
    refusals=(*CONTACT_REFUSALS, "TOO_SOON", "TOO_MANY_CODES"),
    writes=True,
)


class ChangeRequest(Shape):
    change_id = fields.UUID(required=True)


RESEND_CONTACT_CODE = Call(
    service="accounts",
    name="resend_contact_code",
    request=ChangeRequest,
    reply=CodeSent,
    refusals=("CONTACT_NOT_FOUND", "TOO_SOON", "TOO_MANY_CODES"),
    writes=True,
)


class ConfirmContactRequest(ChangeRequest):
    code = Text(longest=20, required=True)


CONFIRM_CONTACT_CHANGE = Call(
    service="accounts",
    name="confirm_contact_change",
    request=ConfirmContactRequest,
    reply=OwnContacts,
    refusals=(*CONTACT_REFUSALS, "CODE_WRONG", "CODE_EXPIRED", "CODE_VOID", "TOO_MANY_GUESSES"),
    writes=True,
    repeat="anew",
)


class OwnContactRequest(Shape):
    contact_id = fields.UUID(required=True)


REMOVE_CONTACT = Call(
    service="accounts",
    name="remove_contact",
    request=OwnContactRequest,
    reply=OwnContacts,
    refusals=("CONTACT_NOT_FOUND", "LAST_EMAIL"),
    writes=True,
)
MAKE_CONTACT_PRIMARY = Call(
    service="accounts",
    name="make_contact_primary",
    request=OwnContactRequest,
    reply=OwnContacts,
    refusals=("CONTACT_NOT_FOUND",),
    writes=True,
    repeat="harmless",
)


class UndoLookRequest(Shape):
    undo_token = Token(required=True)


class UndoView(Shape):
    """What a link undoes: contacts are masked, since whoever holds the link may be somebody else."""

    account_name = fields.String(required=True)
    changed_at = Instant(required=True)
    undo_until = Instant(required=True)
    contacts_before = fields.List(fields.String(), required=True)


CONTACT_CHANGE_TO_UNDO = Call(
    service="accounts",
    name="contact_change_to_undo",
    request=UndoLookRequest,
    reply=UndoView,
    refusals=("UNDO_LINK_INVALID",),
)


class UndoRequest(UndoLookRequest):
    ip = Source()


UNDO_CONTACT_CHANGE = Call(
    service="accounts",
    name="undo_contact_change",
    request=UndoRequest,
    reply=Empty,
    refusals=("UNDO_LINK_INVALID",),
    writes=True,
    repeat="anew",
)
