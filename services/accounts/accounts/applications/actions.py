"""Begin an application and fill it in, section by section."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from marshmallow import ValidationError
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.answers import ANSWERS
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.masking import masked_id_number
from mtnet_contracts.vocabulary.shapes import flat

from accounts.actions.desk import Desk
from accounts.applications.changes import changed_fields
from accounts.applications.consents_store import Notice
from accounts.applications.rules import (
    EDITABLE,
    Application,
    Contact,
    Status,
    new_application,
)
from accounts.applications.store import AccountNameTaken, ApplicationNotFound
from accounts.documents.printing import content_hash
from accounts.glyphs import unprintable_answers
from accounts.numbers import (
    id_number_is_valid,
    normalised_number,
    unified_business_number_is_formed,
    unified_business_number_is_valid,
)
from accounts.sources import UNKNOWN, source_of
from accounts.submission.names import reserve
from accounts.vault import new_token, token_hash
from accounts.verification.mailboxes import compared
from accounts.verification.phones import AreaCodeMissing, PhoneInvalid, e164
from accounts.verification.rules import RESEND_AFTER
from accounts.verification.store import CodeUnderWay

MOST_STARTS_PER_HOUR = 60
# Answers that are telephone numbers; the second kind must receive SMS.
PHONES = {"company": ("phone", "fax"), "applicant": ("phone", "fax")}
MOBILES = {"company": ("mobile",), "applicant": ("mobile",)}


def privacy_notice(desk: Desk) -> Notice:
    return desk.consents.notice_in_force(taipei_day(desk.now))


def start_application(
    desk: Desk, *, identity_type: str, locale: str, ip: str | None
) -> tuple[str, Application]:
    """A new draft and the token that opens it. Raises Refused(TOO_MANY_APPLICATIONS)."""
    source, hour = source_of(ip), timedelta(hours=1)
    if source != UNKNOWN and desk.applications.started_since(source, desk.now - hour) >= MOST_STARTS_PER_HOUR:
        raise Refused("TOO_MANY_APPLICATIONS")
    application = new_application(
        application_id=uuid4(),
        random_hex=secrets.token_hex(7)[:13],
        identity_type=identity_type,
        locale=locale,
        now=desk.now,
    )
    desk.applications.add_application(application, source=source)
    return grant(desk, application), application


def grant(desk: Desk, application: Application) -> str:
    """A new token that opens this application."""
    token = new_token()
    desk.applications.add_grant(
        token_hash(token), application.application_id, application.open_until(desk.now)
    )
    return token


def reopen_untouched(desk: Desk, application_id: UUID) -> tuple[str, Application] | None:
    """The draft once more for whoever did not get the answer, while nothing was entered yet: a new token opens it,
    the one that was given before opens nothing any more. None for a draft that is used, or gone.
    """
    try:
        application = desk.applications.application_for_update(application_id)
    except ApplicationNotFound:
        return None
    if application.status is not Status.DRAFT or application.answers:
        return None
    desk.applications.remove_grants(application_id)
    return grant(desk, application), application


def require_opening(desk: Desk, token: str) -> None:
    """Raises ApplicationNotFound for a token that opens nothing, or nothing any more."""
    if not desk.applications.opens(token_hash(token), now=desk.now):
        raise ApplicationNotFound


def opened(desk: Desk, token: str, *, lock: bool = False) -> Application:
    """The application a token opens. Raises ApplicationNotFound."""
    return desk.applications.application_opened_by(token_hash(token), now=desk.now, lock=lock)


def opened_applications(desk: Desk, tokens: list[str]) -> list[dict[str, Any]]:
    """What each token opens, in their order (the call's OpenedApplication)."""
    hashes = [token_hash(token) for token in tokens]
    found = {bytes(one["token_hash"]): one for one in desk.grants.opened_by(hashes, now=desk.now)}
    return [
        found[one] | {"position": position, "editable": Status(found[one]["status"]) in EDITABLE}
        for position, one in enumerate(hashes)
        if one in found
    ]


def keep(desk: Desk, token: str, application: Application) -> None:
    """Save a change of the applicant's; the token it was made with lives on. Raises AccountNameTaken."""
    desk.applications.save_application(application)
    desk.applications.extend_grant(token_hash(token), application.open_until(desk.now))


def save_section(
    desk: Desk,
    token: str,
    *,
    section: str,
    answers: dict[str, Any],
    ip: str | None,
    version: str | None = None,
) -> Application:
    """Check a section and keep it.

    Raises Refused(INVALID) with the fields, NotEditable, SectionNotAsked, AnswersChanged.
    """
    application = opened(desk, token, lock=True)
    accepted = checked_answers(desk, section, answers)
    id_number = accepted.pop("id_number", None)
    if id_number is not None:
        accepted["masked_id_number"] = masked_id_number(id_number)
        accepted["person"] = desk.vault.person_key(desk.vault.index(id_number))
    application.require_version(section, version, accepted)
    if id_number is not None:
        application.require_editable()
        reserve(desk, application, accepted["account_name"], desk.vault.index(id_number))
    application = application.with_section(section, accepted, now=desk.now, compared=compared)
    try:
        keep(desk, token, application)
    except AccountNameTaken as problem:
        # Only a returned case reserves its name while it is edited.
        raise Refused(INVALID, fields={"account_name": ["ACCOUNT_NAME_TAKEN"]}) from problem
    desk.applications.save_contacts(application)
    if id_number is not None:
        desk.applications.save_id_number(
            application.application_id, desk.vault.seal(id_number, application.application_id)
        )
    if section == "registration":
        desk.consents.add_consent(application.application_id, accepted["notice_version"], desk.now, ip)
    return application


def checked_answers(desk: Desk, section: str, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers in their normal form. Raises Refused(INVALID), naming every wrong field at once."""
    faults: dict[str, list[str]] = {}
    try:
        accepted: dict[str, Any] = ANSWERS[section]().load(answers)
    except ValidationError as problem:
        faults = flat(problem.messages_dict)
        accepted = dict(problem.valid_data) if isinstance(problem.valid_data, dict) else {}
    accepted = {name: value for name, value in accepted.items() if value not in ("", None)}
    for name in (*PHONES.get(section, ()), *MOBILES.get(section, ())):
        if name in accepted and name not in faults:
            mobile = name in MOBILES.get(section, ())
            try:
                accepted[name] = e164(accepted[name], mobile=mobile)
            except AreaCodeMissing:
                faults[name] = ["PHONE_NEEDS_AREA_CODE"]
            except PhoneInvalid:
                faults[name] = ["MOBILE_INVALID" if mobile else "PHONE_INVALID"]
    for name, valid, fault in (
        ("id_number", id_number_is_valid, "ID_NUMBER_INVALID"),
        ("unified_business_number", unified_business_number_is_valid, "UNIFIED_BUSINESS_NUMBER_INVALID"),
    ):
        if name in accepted and name not in faults:
            accepted[name] = normalised_number(accepted[name])
            if not valid(accepted[name]):
                faults[name] = [fault]
    # A registered number outside every check digit is taken on the applicant's word, and marked for the reviewer.
    as_registered = accepted.pop("number_as_registered", False)
    if "unified_business_number" in faults and as_registered:
        number = accepted.get("unified_business_number", "")
        if unified_business_number_is_formed(number) and not unified_business_number_is_valid(number):
            del faults["unified_business_number"]
            accepted["number_as_registered"] = True
    if (
        section == "registration"
        and not faults
        and accepted["notice_version"] != privacy_notice(desk).version
    ):
        faults["notice_version"] = ["NOTICE_OUTDATED"]
    if faults:
        raise Refused(INVALID, fields=faults)
    return accepted


def digest_of(application: Application) -> str:
    """The fingerprint of the form as it would be printed now."""
    return content_hash(application, application.answers.get("identity", {}).get("person", ""))


def missing_of(desk: Desk, application: Application) -> tuple[str, ...]:
    return application.missing(
        notice_version=privacy_notice(desk).version, content_hash=digest_of(application)
    )


def view(desk: Desk, application: Application, *, reveal: bool = False) -> dict[str, Any]:
    """The application as its owner sees it (the call's ApplicationView).

    The ID number is there only with `reveal`: replies to writes are kept for their idempotency key.
    """
    id_number = own_id_number(desk, application.application_id) if reveal else None
    answers = {
        section: {name: value for name, value in given.items() if name not in ("person", "masked_id_number")}
        for section, given in application.answers.items()
    }
    if id_number and "identity" in answers:
        answers["identity"]["id_number"] = id_number
    last = desk.applications.answers_submitted(application.application_id, application.submission)
    account = (
        desk.accounts.account_of_application(application.application_id)
        if application.status == "approved"
        else None
    )
    form = application.form
    return {
        "application_id": application.application_id,
        "case_number": application.case_number,
        "identity_type": application.identity_type,
        "status": application.status,
        "submission": application.submission,
        "locale": application.locale,
        "answers": answers,
        "sections": application.sections,
        "contacts": _contacts(desk, application),
        "needs_form": application.needs_form,
        "form": {
            "file_id": form.file_id,
            "filename": form.filename,
            "media_type": form.media_type,
            "size_bytes": form.size_bytes,
            "pages": form.pages,
            "uploaded_at": form.uploaded_at,
            "outdated": form.content_hash != digest_of(application),
            "recognised": form.recognised,
        }
        if form
        else None,
        "missing": missing_of(desk, application) if application.editable else (),
        "marks": application.marks,
        "note": application.note,
        "resubmit_by": application.resubmit_by,
        "changed": changed_fields(last, application.answers) if application.submission else (),
        "editable": application.editable,
        "submitted_at": application.submitted_at,
        "started_at": application.started_at,
        "expires_at": application.expires_at,
        "unit": application.unit,
        "stage": application.stage,
        "stages": application.stages,
        "due_on": application.due_on,
        "expected_on": application.expected_on,
        "steps": desk.applications.steps(application.application_id),
        "account_state": account.state if account else None,
        "versions": application.versions,
        "unprintable": unprintable_answers(application.answers) if application.needs_form else (),
    }


def leave_application(desk: Desk, token: str) -> None:
    """The token opens nothing any more; one that never did is not told."""
    desk.applications.remove_grant(token_hash(token))


def own_id_number(desk: Desk, application_id: UUID) -> str | None:
    sealed = desk.applications.sealed_id_number(application_id)
    return desk.vault.open(sealed, application_id) if sealed else None


def _contacts(desk: Desk, application: Application) -> list[dict[str, Any]]:
    found = []
    unproved = application.editable and any(c.verified_at is None for c in application.contacts)
    sent = desk.challenges.codes_under_way(application.application_id, now=desk.now) if unproved else {}
    for name in application.asked_contacts:
        contact = application.contact(name)
        found.append(
            {
                "contact": name,
                "channel": "sms" if name.endswith("mobile") else "email",
                "value": contact.value if contact else None,
                "verified_at": contact.verified_at if contact else None,
                **_code_under_way(contact, sent),
            }
        )
    return found


def _code_under_way(contact: Contact | None, sent: dict[str, CodeUnderWay]) -> dict[str, Any]:
    """When the code went to this contact that is still good, for a page that is opened again."""
    last = sent.get(contact.contact) if contact else None
    if last is None or contact is None or contact.verified_at or compared(last.recipient) != contact.compared:
        return {"sent_at": None, "code_expires_at": None, "resend_at": None}
    return {
        "sent_at": last.sent_at,
        "code_expires_at": last.expires_at,
        "resend_at": last.sent_at + RESEND_AFTER,
    }


def without_form(desk: Desk, token: str) -> Application:
    """Take the uploaded form off. Raises NotEditable."""
    application = opened(desk, token, lock=True)
    application.require_editable()
    desk.forms.drop_form(application.application_id, now=desk.now)
    application = replace(application.touched(desk.now), form=None)
    keep(desk, token, application)
    return application
