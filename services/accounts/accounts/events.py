"""What accounts tells the others, and what it hears: own words to contract and back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from mtnet_contracts.event import Event
from mtnet_contracts.events import (
    AccountActivated,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    ActivationLinkIssued,
    ApplicationApproved,
    ApplicationRejected,
    ApplicationResubmitted,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CaseForwarded,
    CaseOpened,
    ContactVerified,
    ReminderDue,
    VerificationCodeRequested,
)
from mtnet_contracts.events.accounts.applications import Applicant, Duplicate, StampedForm
from mtnet_contracts.vocabulary.answers import Company
from mtnet_contracts.vocabulary.masking import masked_id_number

from accounts.applications.rules import CONTACTS, Application
from accounts.registry.rules import Account

ANNOUNCES = (
    ApplicationSubmitted,
    ApplicationResubmitted,
    ApplicationWithdrawn,
    ContactVerified,
    VerificationCodeRequested,
    AccountOpened,
    ActivationLinkIssued,
    AccountActivated,
    AccountFrozen,
    AccountReactivated,
    ReminderDue,
)
LISTENS_TO = (CaseOpened, CaseForwarded, ApplicationReturned, ApplicationApproved, ApplicationRejected)

__all__ = [
    "ANNOUNCES",
    "LISTENS_TO",
    "ApplicationApproved",
    "ApplicationRejected",
    "ApplicationReturned",
    "CaseForwarded",
    "CaseOpened",
]

LAPSED = ApplicationWithdrawn.REASON_LAPSED
REPLACED = ApplicationWithdrawn.REASON_REPLACED


def application_submitted(
    application: Application,
    *,
    id_number: str,
    person_key: str,
    duplicates: list[tuple[str, str | None, str | None]],
) -> Event:
    """The first submission, or a resubmission under the same case number."""
    contract = ApplicationSubmitted if application.submission == 1 else ApplicationResubmitted
    answers = application.answers
    applicant = answers["applicant"]
    company = answers.get("company")
    form = application.form
    if application.submitted_at is None:
        raise ValueError("announced before it was submitted")
    return contract(
        application_id=application.application_id,
        case_number=application.case_number,
        identity_type=application.identity_type,
        submission=application.submission,
        submitted_at=application.submitted_at,
        locale=application.locale,
        account_name=answers["identity"]["account_name"],
        person_key=person_key,
        applicant=Applicant(
            masked_id_number=masked_id_number(id_number),
            **applicant | {"systems": tuple(applicant["systems"])},
        ),
        company=Company(**company) if company else None,
        form=StampedForm(
            file_id=form.file_id,
            sha256=form.sha256,
            media_type=form.media_type,
            size_bytes=form.size_bytes,
            pages=form.pages,
            filename=form.filename,
            content_hash=form.content_hash,
            recognised=form.recognised,
        )
        if form and application.needs_form
        else None,
        duplicates=tuple(
            Duplicate(field=field, case_number=case_number, account_name=account_name)
            for field, case_number, account_name in duplicates
        ),
    )


def application_withdrawn(application: Application, reason: str | None = None) -> ApplicationWithdrawn:
    """`reason` is None where the applicant withdrew it."""
    return ApplicationWithdrawn(
        application_id=application.application_id,
        case_number=application.case_number,
        withdrawn_at=application.updated_at,
        reason=reason,
    )


def contact_verified(application: Application, contact: str, now: datetime) -> ContactVerified:
    return ContactVerified(
        application_id=application.application_id,
        contact=contact,
        channel=CONTACTS[contact][2],
        verified_at=now,
    )


def verification_code_requested(
    *,
    challenge_id: UUID,
    purpose: str,
    channel: str,
    recipient: str,
    sealed_code: str,
    expires_at: datetime,
    locale: str,
    case_number: str | None,
) -> VerificationCodeRequested:
    return VerificationCodeRequested(
        challenge_id=challenge_id,
        purpose=purpose,
        channel=channel,
        recipient=recipient,
        sealed_code=sealed_code,
        expires_at=expires_at,
        locale=locale,
        case_number=case_number,
    )


def account_opened(account: Account, application_id: UUID) -> AccountOpened:
    return AccountOpened(
        account_id=account.account_id,
        application_id=application_id,
        account_name=account.account_name,
        identity_type=account.identity_type,
        name=account.name,
        email=account.email,
        mobile=account.mobile,
        locale=account.locale,
        organisation_id=account.organisation_id,
    )


def activation_link_issued(
    account: Account, *, sealed_token: str, expires_at: datetime
) -> ActivationLinkIssued:
    return ActivationLinkIssued(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        email=account.email,
        locale=account.locale,
        sealed_token=sealed_token,
        expires_at=expires_at,
    )


def account_activated(account: Account, now: datetime) -> AccountActivated:
    return AccountActivated(
        account_id=account.account_id, account_name=account.account_name, activated_at=now
    )


def account_frozen(account_id: UUID, account_name: str, active_on: date, now: datetime) -> AccountFrozen:
    return AccountFrozen(
        account_id=account_id,
        account_name=account_name,
        reason=AccountFrozen.REASON_INACTIVE,
        frozen_at=now,
        last_active_on=active_on,
    )


def account_reactivated(account: Account, *, active_on: date, now: datetime) -> AccountReactivated:
    return AccountReactivated(
        account_id=account.account_id,
        account_name=account.account_name,
        reason=AccountReactivated.REASON_HELPDESK,
        reactivated_at=now,
        active_on=active_on,
    )


def reminder_due(
    account_id: UUID, account_name: str, active_on: date, *, notice_days: int, disable_on: date
) -> ReminderDue:
    return ReminderDue(
        account_id=account_id,
        account_name=account_name,
        notice_days=notice_days,
        disabled_on=disable_on,
        last_active_on=active_on,
    )
