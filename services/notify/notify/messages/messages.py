"""What other services announce becomes messages: one notice for each event."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from mtnet_contracts.events import (
    AccountActivated,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    ActivationLinkIssued,
    ApplicationRejected,
    ApplicationResubmitted,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Event,
    ReminderDue,
    VerificationCodeRequested,
)

from notify.messages.rules import EMAIL, Contact, Message, message_id_for
from notify.templates.rules import Kind

__all__ = [
    "AccountActivated",
    "AccountFrozen",
    "AccountOpened",
    "AccountReactivated",
    "ActivationLinkIssued",
    "ApplicationRejected",
    "ApplicationResubmitted",
    "ApplicationReturned",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "ReminderDue",
    "VerificationCodeRequested",
]

Submitted = ApplicationSubmitted | ApplicationResubmitted


def contact_of_applicant(event: Submitted) -> Contact:
    return Contact(event.applicant.name, event.applicant.email, event.locale)


def contact_of_account(event: AccountOpened) -> Contact:
    return Contact(event.name, event.email, event.locale)


def code_message(event: VerificationCodeRequested) -> Message:
    """Sealed with the challenge's id as context."""
    return Message(
        message_id=message_id_for(event.event_id, Kind.VERIFICATION_CODE, event.channel),
        event_id=event.event_id,
        kind=Kind.VERIFICATION_CODE,
        subject_id=event.challenge_id,
        channel=event.channel,
        recipient=event.recipient,
        locale=event.locale,
        details={"purpose": event.purpose, "expires_at": event.expires_at.isoformat()},
        sealed_secret=event.sealed_code,
        secret_context=str(event.challenge_id),
        expires_at=event.expires_at,
    )


def activation_message(event: ActivationLinkIssued) -> Message:
    """Sealed with the account's id as context."""
    contact = Contact(event.name, event.email, event.locale)
    details = {"account_name": event.account_name, "expires_at": event.expires_at.isoformat()}
    return _mail(
        event,
        Kind.ACTIVATION_LINK,
        event.account_id,
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def received_message(event: ApplicationSubmitted) -> Message:
    details = {"case_number": event.case_number, "submitted_at": event.submitted_at.isoformat()}
    contact = contact_of_applicant(event)
    return _mail(event, Kind.APPLICATION_RECEIVED, event.application_id, contact, details)


def resubmitted_message(event: ApplicationResubmitted) -> Message:
    details = {
        "case_number": event.case_number,
        "submitted_at": event.submitted_at.isoformat(),
        "submission": event.submission,
    }
    contact = contact_of_applicant(event)
    return _mail(event, Kind.APPLICATION_RESUBMITTED, event.application_id, contact, details)


def returned_message(event: ApplicationReturned, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "reasons": [asdict(reason) for reason in event.reasons],
        "note": event.note,
        "resubmit_by": event.resubmit_by.isoformat(),
    }
    return _mail(event, Kind.APPLICATION_RETURNED, event.application_id, contact, details)


def rejected_message(event: ApplicationRejected, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "reasons": [asdict(reason) for reason in event.reasons],
        "note": event.note,
    }
    return _mail(event, Kind.APPLICATION_REJECTED, event.application_id, contact, details)


def withdrawn_message(event: ApplicationWithdrawn, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "withdrawn_at": event.withdrawn_at.isoformat(),
        "why": event.reason or "",
    }
    return _mail(event, Kind.APPLICATION_WITHDRAWN, event.application_id, contact, details)


def activated_message(event: AccountActivated, contact: Contact) -> Message:
    details = {"account_name": event.account_name, "activated_at": event.activated_at.isoformat()}
    return _mail(event, Kind.ACCOUNT_ACTIVATED, event.account_id, contact, details)


def frozen_message(event: AccountFrozen, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "frozen_at": event.frozen_at.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return _mail(event, Kind.ACCOUNT_FROZEN, event.account_id, contact, details)


def reactivated_message(event: AccountReactivated, contact: Contact) -> Message:
    details = {"account_name": event.account_name, "reactivated_at": event.reactivated_at.isoformat()}
    return _mail(event, Kind.ACCOUNT_REACTIVATED, event.account_id, contact, details)


def reminder_message(event: ReminderDue, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "notice_days": event.notice_days,
        "disabled_on": event.disabled_on.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return _mail(event, Kind.REMINDER_DUE, event.account_id, contact, details)


def _mail(
    event: Event, kind: Kind, subject_id: UUID, contact: Contact, details: dict[str, Any], **secret: Any
) -> Message:
    return Message(
        message_id=message_id_for(event.event_id, kind, EMAIL),
        event_id=event.event_id,
        kind=kind,
        subject_id=subject_id,
        channel=EMAIL,
        recipient=contact.email,
        locale=contact.locale,
        details={"name": contact.name, **details},
        **secret,
    )
