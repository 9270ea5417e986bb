"""One's own data and contacts as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import UUID

OPERATIONS = (
    Operation(
        "own_profile",
        "GET",
        "/account/profile",
        accounts.profile.OWN_PROFILE,
        N_("See one's own data"),
        "account",
    ),
    Operation(
        "save_profile",
        "PUT",
        "/account/profile",
        accounts.profile.SAVE_PROFILE,
        N_("Change one's own data: telephone, fax, department, title, language of mails"),
        "account",
        example={"version": 0, "title": "經理", "locale": "zh-Hant"},
    ),
    Operation(
        "own_contacts",
        "GET",
        "/account/contacts",
        accounts.profile.OWN_CONTACTS,
        N_("See one's own contacts, and those that wait for a code"),
        "account",
    ),
    Operation(
        "request_contact_change",
        "POST",
        "/account/contacts",
        accounts.profile.REQUEST_CONTACT_CHANGE,
        N_("Ask for a new e-mail address or mobile number; a code goes to it"),
        "account",
        status=201,
        example={"kind": "email", "value": "office@example.com"},
    ),
    Operation(
        "resend_contact_code",
        "POST",
        "/account/contacts/codes",
        accounts.profile.RESEND_CONTACT_CODE,
        N_("Send another code to a new contact"),
        "account",
        status=201,
        example={"change_id": UUID},
    ),
    Operation(
        "confirm_contact_change",
        "POST",
        "/account/contacts/confirmations",
        accounts.profile.CONFIRM_CONTACT_CHANGE,
        N_("Confirm a new contact with its code; the contacts before it are told and can undo it"),
        "account",
        example={"change_id": UUID, "code": "123456"},
    ),
    Operation(
        "make_contact_primary",
        "POST",
        "/account/contacts/<uuid:contact_id>/first",
        accounts.profile.MAKE_CONTACT_PRIMARY,
        N_("Make a contact the first of its kind"),
        "account",
    ),
    Operation(
        "remove_contact",
        "DELETE",
        "/account/contacts/<uuid:contact_id>",
        accounts.profile.REMOVE_CONTACT,
        N_("Remove a contact"),
        "account",
    ),
    Operation(
        "contact_change_to_undo",
        "POST",
        "/account/contacts/undo/look",
        accounts.profile.CONTACT_CHANGE_TO_UNDO,
        N_("See what a link to undo a change of contacts brings back"),
        example={"undo_token": "t" * 43},
    ),
    Operation(
        "undo_contact_change",
        "POST",
        "/account/contacts/undo",
        accounts.profile.UNDO_CONTACT_CHANGE,
        N_("Undo a change of contacts; every session ends and a new password is needed"),
        answer="nothing",
        status=204,
        example={"undo_token": "t" * 43},
    ),
    Operation(
        "own_history",
        "GET",
        "/account/history",
        accounts.history.OWN_HISTORY,
        N_("See what happened to one's own account: logins, changes, and who looked"),
        "account",
    ),
)
