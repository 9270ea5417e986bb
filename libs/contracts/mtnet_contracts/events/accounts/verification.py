"""Contacts are proved by one-time codes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ContactVerified(Event):
    """A code sent to a contact of an application came back right.

    `contact` is one of company_mobile, company_email, applicant_mobile, applicant_email.
    """

    source = "accounts"
    aggregate = "application"
    subject = "application_id"

    application_id: UUID
    contact: str
    channel: str
    verified_at: datetime


@dataclass(frozen=True, kw_only=True)
class VerificationCodeRequested(Event):
    """Somebody asked for a one-time code.

    `sealed_code` is for notify alone; its context is the challenge's id.
    `purpose` is application_contact, case_access or device (an account is to be used on a new one); `channel` is
    email or sms.
    """

    source = "accounts"
    aggregate = "challenge"
    subject = "challenge_id"
    holds = Holds.SECRETS

    challenge_id: UUID
    purpose: str
    channel: str
    recipient: str
    sealed_code: str
    expires_at: datetime
    locale: str
    case_number: str | None = None
