"""An application as a program sees it: from start to submission."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import SECTIONS

MINE = "/applications/current"


def _section(name: str, summary: str) -> Operation:
    return Operation(
        f"save_{name}",
        "PUT",
        f"{MINE}/sections/{name}",
        accounts.applications.SAVE_SECTION,
        summary,
        "application",
        fixed=(("section", name),),
        example=SECTIONS[name],
    )


OPERATIONS = (
    Operation(
        "privacy_notice",
        "GET",
        "/privacy-notice",
        accounts.consents.PRIVACY_NOTICE,
        N_("Get the current privacy notice"),
    ),
    Operation(
        "start_application",
        "POST",
        "/applications",
        accounts.applications.START_APPLICATION,
        N_("Start an application"),
        status=201,
        example={"identity_type": "company", "locale": "zh-Hant"},
    ),
    Operation(
        "application",
        "GET",
        MINE,
        accounts.applications.APPLICATION,
        N_("Get the application"),
        "application",
    ),
    _section("registration", N_("Save how you want to register, and the agreement to the privacy notice")),
    _section("identity", N_("Save the ID number and the account name")),
    _section("company", N_("Save the organisation's data")),
    _section("applicant", N_("Save the applicant's data")),
    Operation(
        "request_code",
        "POST",
        f"{MINE}/codes",
        accounts.verification.REQUEST_CONTACT_CODE,
        N_("Send a code to a contact"),
        "application",
        example={"contact": "applicant_email"},
    ),
    Operation(
        "verify_contact",
        "POST",
        f"{MINE}/codes/verify",
        accounts.verification.VERIFY_CONTACT,
        N_("Confirm a contact with its code"),
        "application",
        example={"contact": "applicant_email", "code": "123456"},
    ),
    Operation(
        "form",
        "GET",
        f"{MINE}/form.pdf",
        accounts.documents.GENERATE_FORM,
        N_("Download the filled-in application form, to be stamped"),
        "application",
        "file",
        media_types=("application/pdf",),
    ),
    Operation(
        "attach_form",
        "PUT",
        f"{MINE}/form",
        accounts.documents.ATTACH_FORM,
        N_("Upload the stamped application form: PDF, JPEG or PNG"),
        "application",
        upload=True,
    ),
    Operation(
        "own_form",
        "GET",
        f"{MINE}/form",
        accounts.documents.OWN_FORM,
        N_("Download the uploaded application form"),
        "application",
        "file",
        media_types=("application/pdf", "image/jpeg", "image/png"),
    ),
    Operation(
        "own_form_preview",
        "GET",
        f"{MINE}/form/preview.jpg",
        accounts.documents.OWN_FORM_PREVIEW,
        N_("Get a thumbnail of the first page of the uploaded application form"),
        "application",
        "file",
        media_types=("image/jpeg",),
    ),
    Operation(
        "remove_form",
        "DELETE",
        f"{MINE}/form",
        accounts.documents.REMOVE_FORM,
        N_("Remove the uploaded application form"),
        "application",
    ),
    Operation(
        "submit_application",
        "POST",
        f"{MINE}/submit",
        accounts.applications.SUBMIT_APPLICATION,
        N_("Submit, or resubmit after a return"),
        "application",
        example={"truthful": True},
    ),
    Operation(
        "receipt",
        "GET",
        f"{MINE}/receipt.pdf",
        accounts.documents.RECEIPT,
        N_("Download the receipt"),
        "application",
        "file",
        media_types=("application/pdf",),
    ),
)
