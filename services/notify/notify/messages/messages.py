"""What is announced of applications and codes becomes messages: one notice for each event."""

from dataclasses import asdict

from mtnet_contracts.events import (
    ApplicationRejected,
    ApplicationResubmitted,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    VerificationCodeRequested,
)

from notify.contact_points.rules import application
from notify.messages.rules import Contact, Message, message_id_for, notice
from notify.templates.rules import Kind

__all__ = [
    "ApplicationRejected",
    "ApplicationResubmitted",
    "ApplicationReturned",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "VerificationCodeRequested",
]

Submitted = ApplicationSubmitted | ApplicationResubmitted


def contact_of_applicant(event: Submitted) -> Contact:
    return Contact(event.applicant.name, event.applicant.email, event.locale)


def code_message(event: VerificationCodeRequested) -> Message:
    """Sealed with the challenge's id as context."""
    return Message(
        message_id=message_id_for(event.event_id, Kind.VERIFICATION_CODE, event.channel),
        event_id=event.event_id,
        kind=Kind.VERIFICATION_CODE,
        subject_id=event.challenge_id,
        named=((event.channel, event.recipient),),
        locale=event.locale,
        details={"purpose": event.purpose, "expires_at": event.expires_at.isoformat()},
        sealed_secret=event.sealed_code,
        secret_context=str(event.challenge_id),
        expires_at=event.expires_at,
    )


def received_message(event: ApplicationSubmitted) -> Message:
    details = {"case_number": event.case_number, "submitted_at": event.submitted_at.isoformat()}
    contact = contact_of_applicant(event)
    return notice(
        event.event_id, Kind.APPLICATION_RECEIVED, application(event.application_id), contact, details
    )


def resubmitted_message(event: ApplicationResubmitted) -> Message:
    details = {
        "case_number": event.case_number,
        "submitted_at": event.submitted_at.isoformat(),
        "submission": event.submission,
    }
    contact = contact_of_applicant(event)
    return notice(
        event.event_id, Kind.APPLICATION_RESUBMITTED, application(event.application_id), contact, details
    )


def returned_message(event: ApplicationReturned, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "reasons": [asdict(reason) for reason in event.reasons],
        "note": event.note,
        "resubmit_by": event.resubmit_by.isoformat(),
    }
    return notice(
        event.event_id, Kind.APPLICATION_RETURNED, application(event.application_id), contact, details
    )


def rejected_message(event: ApplicationRejected, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "reasons": [asdict(reason) for reason in event.reasons],
        "note": event.note,
    }
    return notice(
        event.event_id, Kind.APPLICATION_REJECTED, application(event.application_id), contact, details
    )


def withdrawn_message(event: ApplicationWithdrawn, contact: Contact) -> Message:
    details = {
        "case_number": event.case_number,
        "withdrawn_at": event.withdrawn_at.isoformat(),
        "why": event.reason or "",
    }
    return notice(
        event.event_id, Kind.APPLICATION_WITHDRAWN, application(event.application_id), contact, details
    )
