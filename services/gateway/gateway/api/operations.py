"""What the API offers: one line for each operation, which call it makes and how the caller proves a right to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mtnet_contracts.calls import Call, accounts, content, review

Proof = Literal["none", "application", "session", "reviewer"]
Answer = Literal["json", "nothing", "file"]


@dataclass(frozen=True)
class Operation:
    """`path` is under /api/v1 and may hold parts of the request; `fixed` are parts nobody needs to send."""

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    call: Call
    summary: str
    proof: Proof = "none"
    answer: Answer = "json"
    status: int = 200
    fixed: tuple[tuple[str, str], ...] = ()
    upload: bool = False

    @property
    def tag(self) -> str:
        return self.path.split("/")[1]


def _section(name: str, what: str) -> Operation:
    return Operation(
        f"save_{name}",
        "PUT",
        f"/applications/current/sections/{name}",
        accounts.applications.SAVE_SECTION,
        f"Save {what}",
        "application",
        fixed=(("section", name),),
    )


def _review(name: str, call: Call, summary: str) -> Operation:
    return Operation(name, "POST", f"/reviews/<uuid:application_id>/{name}", call, summary, "reviewer")


MINE = "/applications/current"
OPERATIONS = (
    Operation(
        "privacy_notice",
        "GET",
        "/privacy-notice",
        accounts.applications.PRIVACY_NOTICE,
        "The privacy notice in force",
    ),
    Operation(
        "start_application",
        "POST",
        "/applications",
        accounts.applications.START_APPLICATION,
        "Start an application",
        status=201,
    ),
    Operation(
        "opened_applications",
        "POST",
        "/applications/opened",
        accounts.applications.OPENED_APPLICATIONS,
        "What each of several tokens opens, for a list of one's own",
    ),
    Operation(
        "application",
        "GET",
        MINE,
        accounts.applications.APPLICATION,
        "The application as it stands",
        "application",
    ),
    _section("registration", "the way of registering and the agreement to the privacy notice"),
    _section("identity", "ID number and account name"),
    _section("company", "the organisation's data"),
    _section("applicant", "the applicant's data"),
    Operation(
        "request_code",
        "POST",
        f"{MINE}/codes",
        accounts.verification.REQUEST_CONTACT_CODE,
        "Send a code to a contact",
        "application",
    ),
    Operation(
        "verify_contact",
        "POST",
        f"{MINE}/codes/verify",
        accounts.verification.VERIFY_CONTACT,
        "Prove a contact by its code",
        "application",
    ),
    Operation(
        "form",
        "GET",
        f"{MINE}/form.pdf",
        accounts.documents.GENERATE_FORM,
        "The filled form, to be stamped",
        "application",
        "file",
    ),
    Operation(
        "attach_form",
        "PUT",
        f"{MINE}/form",
        accounts.documents.ATTACH_FORM,
        "Upload the stamped form (PDF, JPEG or PNG, up to 10 MB)",
        "application",
        upload=True,
    ),
    Operation(
        "own_form",
        "GET",
        f"{MINE}/form",
        accounts.documents.OWN_FORM,
        "The uploaded form",
        "application",
        "file",
    ),
    Operation(
        "own_form_preview",
        "GET",
        f"{MINE}/form/preview.jpg",
        accounts.documents.OWN_FORM_PREVIEW,
        "The first page of the uploaded form, as a small picture",
        "application",
        "file",
    ),
    Operation(
        "remove_form",
        "DELETE",
        f"{MINE}/form",
        accounts.documents.REMOVE_FORM,
        "Remove the uploaded form",
        "application",
    ),
    Operation(
        "submit_application",
        "POST",
        f"{MINE}/submit",
        accounts.applications.SUBMIT_APPLICATION,
        "Submit, or submit again after a return",
        "application",
    ),
    Operation(
        "withdraw_application",
        "POST",
        f"{MINE}/withdraw",
        accounts.applications.WITHDRAW_APPLICATION,
        "Withdraw the application",
        "application",
    ),
    Operation(
        "leave_application",
        "DELETE",
        f"{MINE}/token",
        accounts.applications.LEAVE_APPLICATION,
        "Give the token back: it opens nothing any more; the application stays as it is",
        "application",
        "nothing",
        204,
    ),
    Operation(
        "receipt",
        "GET",
        f"{MINE}/receipt.pdf",
        accounts.documents.RECEIPT,
        "The receipt",
        "application",
        "file",
    ),
    Operation(
        "reissue_activation",
        "POST",
        f"{MINE}/activation",
        accounts.sessions.REISSUE_ACTIVATION,
        "Send the activation link again",
        "application",
        "nothing",
        204,
    ),
    Operation(
        "request_case_access",
        "POST",
        "/cases/access",
        accounts.tracking.REQUEST_CASE_ACCESS,
        "Ask for a code by case number or ID number; the answer is the same for known and unknown",
    ),
    Operation(
        "open_case", "POST", "/cases/open", accounts.tracking.OPEN_CASE, "Open one's cases by the code"
    ),
    Operation(
        "activation",
        "POST",
        "/activations/look",
        accounts.sessions.ACTIVATION,
        "What an activation link is for",
    ),
    Operation(
        "activate_account",
        "POST",
        "/activations",
        accounts.sessions.ACTIVATE_ACCOUNT,
        "Set the password, once",
    ),
    Operation(
        "log_in",
        "POST",
        "/sessions",
        accounts.sessions.LOG_IN,
        "Log in; a session whose token comes along ends",
        status=201,
    ),
    Operation(
        "request_device_code",
        "POST",
        "/devices/codes",
        accounts.sessions.REQUEST_DEVICE_CODE,
        "Ask for a code to an account's e-mail; the answer is the same for known and unknown",
    ),
    Operation(
        "confirm_device",
        "POST",
        "/devices",
        accounts.sessions.CONFIRM_DEVICE,
        "Make this device one of the account's owner, by the code",
        status=201,
    ),
    Operation(
        "session",
        "GET",
        "/sessions/current",
        accounts.sessions.RESUME_SESSION,
        "Who is logged in, until when",
        "session",
    ),
    Operation(
        "extend_session",
        "POST",
        "/sessions/current/extend",
        accounts.sessions.EXTEND_SESSION,
        "Prolong the session",
        "session",
    ),
    Operation(
        "log_out",
        "DELETE",
        "/sessions/current",
        accounts.sessions.LOG_OUT,
        "Log out",
        "session",
        "nothing",
        204,
    ),
    Operation("published", "GET", "/pages", content.pages.PUBLISHED, "Announcements, news, questions"),
    Operation(
        "published_page",
        "GET",
        "/pages/<any(announcement, news, faq):kind>/<string(maxlength=100):slug>",
        content.pages.PUBLISHED_PAGE,
        "One page",
    ),
    Operation(
        "queue", "GET", "/reviews", review.cases.QUEUE, "The work queue of the reviewer's unit", "reviewer"
    ),
    Operation("case", "GET", "/reviews/<uuid:application_id>", review.cases.CASE, "A case", "reviewer"),
    _review("claim", review.cases.CLAIM_CASE, "Claim a case"),
    _review("release", review.cases.RELEASE_CASE, "Give a claimed case back"),
    _review("forward", review.cases.FORWARD_CASE, "Forward to the next stage"),
    _review("approve", review.cases.APPROVE_CASE, "Approve at the last stage"),
    _review("return", review.cases.RETURN_CASE, "Return to the applicant with coded reasons"),
    _review("reject", review.cases.REJECT_CASE, "Reject"),
    Operation(
        "reveal_id_number",
        "POST",
        "/reviews/<uuid:application_id>/id-number",
        accounts.applications.REVEAL_ID_NUMBER,
        "The full ID number; recorded with the reason",
        "reviewer",
    ),
    Operation(
        "case_form",
        "GET",
        "/reviews/<uuid:application_id>/form/<uuid:file_id>",
        accounts.documents.CASE_FORM,
        "The stamped form; every look is recorded",
        "reviewer",
        "file",
    ),
    Operation(
        "case_form_page",
        "GET",
        "/reviews/<uuid:application_id>/form/<uuid:file_id>/pages/<int(min=1, max=20):page>",
        accounts.documents.CASE_FORM_PAGE,
        "A page of the stamped form as a picture; every look is recorded",
        "reviewer",
        "file",
    ),
)
