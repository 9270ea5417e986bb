"""What each kind of message can be filled with: its placeholders, with their meaning and sample values.

Whoever adds a kind declares its placeholders here; tests/templates/test_placeholders.py says which are missing.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from mtnet_contracts.vocabulary.texts import N_

from notify.templates.declared_for_systems import OF_SYSTEMS
from notify.templates.placeholders import Form, Placeholder
from notify.templates.rules import HELPDESK_MAIL, HOTLINE, Kind


def _words(name: str, meaning: str, sample: Any, **more: Any) -> Placeholder:
    return Placeholder(name, Form.WORDS, meaning, sample, **more)


def _moment(name: str, meaning: str, form: Form = Form.MOMENT, **more: Any) -> Placeholder:
    return Placeholder(name, form, meaning, "2026-02-19T09:25:24+00:00", **more)


def _day(name: str, meaning: str, sample: str = "2026-03-22", **more: Any) -> Placeholder:
    return Placeholder(name, Form.DAY, meaning, sample, **more)


def _link(name: str, meaning: str, path: str, **more: Any) -> Placeholder:
    return Placeholder(name, Form.LINK, meaning, path, **more)


NAME = Placeholder("name", Form.NAME, N_("The person's name"), "王小明")
ACCOUNT_NAME = _words("account_name", N_("The account name"), "QWERTYUI")
CASE_NUMBER = _words("case_number", N_("The case number"), "PTAPPLY936EC90162340", necessary=True)
REQUEST_NUMBER = _words("request_number", N_("The request's number"), "PR20260219001", necessary=True)
REQUEST_KIND = Placeholder(
    "request_kind",
    Form.RIGHT,
    N_("What was asked for"),
    "correct",
    {
        "correct": N_("Add to the data or correct it"),
        "view": N_("See the data"),
        "copy": N_("Get a copy of the data"),
        "stop": N_("Stop collecting, processing or using the data"),
        "delete": N_("Delete the data"),
    },
)
REASONS = Placeholder(
    "reasons",
    Form.REASONS,
    N_("What has to be changed: a list of fields with what is wrong"),
    [
        {"code": "WRONG", "field": "applicant.phone"},
        {"code": "NOT_STAMPED", "field": "form"},
    ],
    necessary=True,
)
NOTE = Placeholder(
    "note", Form.NOTE, N_("What the unit wrote to the person"), "聯絡電話少一碼，申請表未蓋公司章。"
)

# What every text may name: tests hold them against Links.placeholders.
OF_EVERY_KIND = (
    _words("hotline", N_("The helpdesk's telephone number"), HOTLINE),
    _words("helpdesk_mail", N_("The helpdesk's e-mail address"), HELPDESK_MAIL),
    _words("portal_host", N_("The portal's host name"), "portal.example"),
    _link("portal_url", N_("The portal"), ""),
    _link("case_url", N_("The page of the case, or where cases are looked up"), "/case"),
    _link("apply_url", N_("The page on which one applies"), "/apply"),
    _link("login_url", N_("The login page"), "/login"),
    _link("forgot_url", N_("The page for a forgotten password"), "/forgot-password"),
    _link("reactivate_url", N_("The page on which a frozen account is used again"), "/reactivate"),
    _link("security_url", N_("My account: login protection"), "/account/security"),
    _link("contacts_url", N_("My account: e-mail and mobile"), "/account/contacts"),
    _link("privacy_url", N_("My account: personal data"), "/account/privacy"),
    _link("privacy_desk_url", N_("Operators: requests for personal data"), "/operations/privacy-requests"),
)

CHANGES_OF_FACTORS = {
    "totp_added": N_("An authenticator app was set up"),
    "totp_removed": N_("The authenticator app was removed"),
    "passkey_added": N_("A passkey was added"),
    "passkey_removed": N_("A passkey was removed"),
    "recovery_codes_issued": N_("New recovery codes were issued"),
    "recovery_code_used": N_("A recovery code was used"),
    "reset_by_operator": N_("An operator removed all second factors"),
}
CHANGES_OF_CONTACTS = {
    "added": N_("A contact was added"),
    "replaced": N_("A contact was replaced"),
    "removed": N_("A contact was removed"),
    "made_primary": N_("Another contact is the main one"),
}
SOLVED_OR_NOT = {"yes": N_("Solved"), "no": N_("It goes on")}
_OF_A_CONTACT = (
    NAME,
    ACCOUNT_NAME,
    Placeholder("change", Form.CHOICE, N_("What was changed"), "replaced", CHANGES_OF_CONTACTS),
    Placeholder(
        "contact_channel",
        Form.CHOICE,
        N_("Which contact"),
        "email",
        {"email": N_("An e-mail address"), "sms": N_("A mobile number")},
    ),
    Placeholder(
        "old", Form.WORDS, N_("The contact until now, masked"), "c•••@example.com", may_be_empty=True
    ),
    Placeholder(
        "new", Form.WORDS, N_("The contact from now on, masked"), "+886 9•• ••• 678", may_be_empty=True
    ),
    _moment("changed_at", N_("When it was changed")),
)

PLACEHOLDERS: dict[Kind, tuple[Placeholder, ...]] = {
    Kind.VERIFICATION_CODE: (
        Placeholder("code", Form.CODE, N_("The code"), "482913", necessary=True),
        Placeholder(
            "expires_at", Form.HOUR, N_("Until when the code can be used"), "2026-02-19T09:35:24+00:00"
        ),
        Placeholder(
            "purpose",
            Form.CHOICE,
            N_("What the code is for"),
            "application_contact",
            {
                "application_contact": N_("To confirm a contact in an application"),
                "case_access": N_("To look up a case"),
                "device": N_("To log in on a new device"),
                "new_contact": N_("To add a contact to an account"),
                "reactivation": N_("To use a frozen account again"),
                "": N_("Anything else"),
            },
        ),
    ),
    Kind.APPLICATION_RECEIVED: (
        NAME,
        CASE_NUMBER,
        _moment("submitted_at", N_("When the application arrived")),
    ),
    Kind.APPLICATION_RESUBMITTED: (
        NAME,
        CASE_NUMBER,
        _moment("submitted_at", N_("When the application arrived")),
        _words("submission", N_("How often it was handed in by now"), 2),
    ),
    Kind.APPLICATION_RETURNED: (
        NAME,
        CASE_NUMBER,
        REASONS,
        NOTE,
        _day("resubmit_by", N_("By when it has to be handed in again"), necessary=True),
    ),
    Kind.APPLICATION_REJECTED: (NAME, CASE_NUMBER, replace(REASONS, may_be_empty=True), NOTE),
    Kind.APPLICATION_WITHDRAWN: (
        NAME,
        CASE_NUMBER,
        _moment("withdrawn_at", N_("When it ended")),
        Placeholder(
            "why",
            Form.CHOICE,
            N_("Why it ended"),
            "",
            {
                "": N_("The applicant took it back"),
                "LAPSED": N_("It was not corrected in time"),
                "REPLACED": N_("A new application replaced it"),
            },
        ),
    ),
    Kind.ACTIVATION_LINK: (
        NAME,
        ACCOUNT_NAME,
        _link("activation_url", N_("The link that activates the account"), "/activate/…", necessary=True),
        _moment("expires_at", N_("Until when the link works")),
    ),
    Kind.ACCOUNT_ACTIVATED: (
        NAME,
        ACCOUNT_NAME,
        _moment("activated_at", N_("When the account was activated")),
    ),
    Kind.ACCOUNT_FROZEN: (
        NAME,
        ACCOUNT_NAME,
        _moment("frozen_at", N_("When the account was frozen")),
        _day("last_active_on", N_("The day of the last login"), "2025-11-20"),
    ),
    Kind.ACCOUNT_REACTIVATED: (
        NAME,
        ACCOUNT_NAME,
        Placeholder(
            "reason",
            Form.CHOICE,
            N_("How the owner was recognised"),
            "PASSWORD_CHANGED",
            {
                "PASSWORD_CHANGED": N_("By a code and a new password"),
                "EVIDENCE_CHECKED": N_("By evidence that two people checked"),
                "HELPDESK_CHECKED": N_("By the helpdesk"),
            },
        ),
        _moment("reactivated_at", N_("Since when the account is active again")),
    ),
    Kind.REACTIVATION_REFUSED: (
        NAME,
        ACCOUNT_NAME,
        Placeholder(
            "reason",
            Form.CHOICE,
            N_("Why the evidence was not accepted"),
            "incomplete",
            {
                "not_recognised": N_("It does not show that the account is yours"),
                "not_entitled": N_("It does not show that you may ask for the account"),
                "incomplete": N_("Something is missing or cannot be read"),
                "no_answer": N_("You could not be reached to confirm it"),
            },
        ),
        Placeholder("note", Form.NOTE, N_("What the helpdesk adds"), "公文未蓋機關印信，請補正後再送。"),
        _moment("refused_at", N_("When it was decided")),
    ),
    Kind.ACCOUNT_DISABLED: (
        NAME,
        ACCOUNT_NAME,
        _moment("disabled_at", N_("When the account was disabled")),
        _day("last_active_on", N_("The day of the last login"), "2025-02-19"),
    ),
    Kind.ACCOUNT_CLOSED: (
        NAME,
        ACCOUNT_NAME,
        Placeholder(
            "reason",
            Form.CHOICE,
            N_("Who closed the account"),
            "BY_OWNER",
            {"BY_OWNER": N_("Its owner"), "BY_OPERATOR": N_("The portal's staff")},
        ),
        _moment("closed_at", N_("When the account was closed")),
    ),
    Kind.REMINDER_DUE: (
        NAME,
        ACCOUNT_NAME,
        _words("notice_days", N_("In how many days the account is disabled"), 30),
        _day("disabled_on", N_("The day on which the account is disabled"), "2027-02-24", necessary=True),
        _day("last_active_on", N_("The day of the last login"), "2026-02-24"),
    ),
    Kind.PASSWORD_RESET: (
        NAME,
        ACCOUNT_NAME,
        Placeholder(
            "account_state",
            Form.CHOICE,
            N_("The state of the account"),
            "active",
            {
                "active": N_("Active"),
                "frozen": N_("Frozen"),
                "disabled": N_("Disabled"),
                "approved": N_("Approved, not activated yet"),
            },
        ),
        _moment("requested_at", N_("When a new password was asked for")),
        _link(
            "reset_url",
            N_("The link that sets a new password"),
            "/reset-password/…",
            only_when=("account_state", ("active",)),
            necessary=True,
        ),
        _moment("expires_at", N_("Until when the link works"), only_when=("account_state", ("active",))),
    ),
    Kind.PASSWORD_CHANGED: (
        NAME,
        ACCOUNT_NAME,
        Placeholder(
            "how",
            Form.CHOICE,
            N_("How the password was changed"),
            "CHANGED",
            {
                "CHANGED": N_("By its owner, who was logged in"),
                "RESET": N_("With a link sent by e-mail"),
                "REACTIVATION": N_("When the account was reactivated"),
            },
        ),
        _moment("changed_at", N_("When it was changed")),
    ),
    Kind.NEW_DEVICE_LOGIN: (
        NAME,
        ACCOUNT_NAME,
        Placeholder("device", Form.NAME, N_("The device"), "Firefox, Windows", may_be_empty=True),
        Placeholder("came_from", Form.NAME, N_("The internet address"), "192.0.2.7", may_be_empty=True),
        _moment("logged_in_at", N_("When somebody logged in")),
        _link("not_me_url", N_("The link that says: this was not me"), "/not-me/…", necessary=True),
        _moment("expires_at", N_("Until when the link works")),
    ),
    Kind.SECOND_FACTOR_CHANGED: (
        NAME,
        ACCOUNT_NAME,
        Placeholder("change", Form.CHOICE, N_("What was changed"), "passkey_added", CHANGES_OF_FACTORS),
        Placeholder("label", Form.NAME, N_("The name of the passkey"), "Work laptop", may_be_empty=True),
        _words("remaining", N_("How many recovery codes are left"), "9", may_be_empty=True),
        _moment("changed_at", N_("When it was changed")),
    ),
    Kind.CONTACT_CHANGED: (
        *_OF_A_CONTACT,
        _link("undo_url", N_("The link that undoes the change"), "/contacts/undo/…", necessary=True),
        _moment("undo_until", N_("Until when the change can be undone")),
    ),
    Kind.CONTACT_CONFIRMED: _OF_A_CONTACT,
    Kind.CONTACT_CHANGE_UNDONE: (
        NAME,
        ACCOUNT_NAME,
        _moment("undone_at", N_("When the change was undone")),
    ),
    Kind.LINE_LINK_CHANGED: (
        NAME,
        Placeholder(
            "change",
            Form.CHOICE,
            N_("What was changed"),
            "linked",
            {"linked": N_("LINE was linked"), "unlinked": N_("The link with LINE was ended")},
        ),
        _words("whom", N_("The account name or the case number"), "QWERTYUI"),
        _moment("changed_at", N_("When it was changed")),
    ),
    Kind.PRIVACY_REQUEST_RECEIVED: (
        NAME,
        ACCOUNT_NAME,
        REQUEST_NUMBER,
        REQUEST_KIND,
        _moment("received_at", N_("When the request arrived")),
        _day("due_on", N_("By when it is answered")),
    ),
    Kind.PRIVACY_REQUEST_ANSWERED: (
        NAME,
        ACCOUNT_NAME,
        REQUEST_NUMBER,
        REQUEST_KIND,
        Placeholder(
            "outcome",
            Form.CHOICE,
            N_("What became of the request"),
            "DONE",
            {
                "DONE": N_("Done"),
                "REFUSED": N_("Refused"),
                "EXTENDED": N_("The time was extended"),
                "WITHDRAWN": N_("Withdrawn"),
            },
        ),
        Placeholder("note", Form.NOTE, NOTE.meaning, "已依您的請求處理。", may_be_empty=True),
        _moment("answered_at", N_("When it was answered")),
        _day("due_on", N_("By when it is answered"), only_when=("outcome", ("EXTENDED",))),
    ),
    Kind.PRIVACY_REQUEST_DUE: (
        REQUEST_NUMBER,
        REQUEST_KIND,
        _moment("received_at", N_("When the request arrived")),
        _day("due_on", N_("By when it is answered")),
        _words("days_left", N_("How many days are left; less than 0 when it is overdue"), 3),
        _link("request_url", N_("The page of the request"), "/operations/privacy-requests/…", necessary=True),
    ),
    **OF_SYSTEMS,
    Kind.BROADCAST: (
        NAME,
        _words("title", N_("The title of a message to many"), "系統維護公告"),
        _words("words", N_("The paragraphs of a message to many"), "本平臺將進行維護。", necessary=True),
    ),
    Kind.DESK_ACKNOWLEDGEMENT: (
        _words("number", N_("The number of the ticket"), "HD2026-000123", necessary=True),
        _moment("answer_by", N_("By when the first answer is due"), Form.MINUTE),
        _link("ticket_url", N_("The person's own page of the ticket"), "/contact/…", necessary=True),
    ),
    Kind.DESK_ANSWER: (
        NAME,
        _words("number", N_("The number of the ticket"), "HD2026-000123"),
        _words("title", N_("The subject that the person wrote"), "無法送出船舶進港申請"),
        _words("words", N_("What the agent answered"), "您好，請重新整理頁面。", necessary=True),
        Placeholder("rate", Form.CHOICE, N_("Whether the matter is solved by it"), "no", SOLVED_OR_NOT),
        Placeholder(
            "files",
            Form.WORDS,
            N_("Files that belong to the answer: the name of each and, below it, its address"),
            "操作說明.pdf\nhttps://…/contact/…/files/…",
            may_be_empty=True,
        ),
        _link("ticket_url", N_("The person's own page of the ticket"), "/contact/…", necessary=True),
    ),
}


@cache
def placeholders_of(kind: Kind) -> Mapping[str, Placeholder]:
    """What a text of this kind may name, those of its own first."""
    return {each.name: each for each in (*PLACEHOLDERS.get(kind, ()), *OF_EVERY_KIND)}
