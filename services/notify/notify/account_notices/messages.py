"""What is announced of accounts becomes messages to their owners, and of requests that are due to operators."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from mtnet_contracts.events import (
    AccountActivated,
    AccountClosed,
    AccountDisabled,
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    ActivationLinkIssued,
    ContactChanged,
    ContactChangeUndone,
    MailLanguageChanged,
    NewDeviceLogin,
    PasswordChanged,
    PasswordResetRequested,
    PrivacyRequestAnswered,
    PrivacyRequestDueSoon,
    PrivacyRequestReceived,
    ReminderDue,
    SecondFactorChanged,
)
from mtnet_contracts.vocabulary.masking import masked_contact

from notify.messages.rules import EMAIL, SMS, Contact, Message, mail, message_id_for
from notify.templates.rules import Kind

__all__ = [
    "AccountActivated",
    "AccountClosed",
    "AccountDisabled",
    "AccountFrozen",
    "AccountOpened",
    "AccountReactivated",
    "ActivationLinkIssued",
    "ContactChangeUndone",
    "ContactChanged",
    "MailLanguageChanged",
    "NewDeviceLogin",
    "PasswordChanged",
    "PasswordResetRequested",
    "PrivacyRequestAnswered",
    "PrivacyRequestDueSoon",
    "PrivacyRequestReceived",
    "ReminderDue",
    "SecondFactorChanged",
]

Told = (
    PasswordChanged
    | SecondFactorChanged
    | ContactChanged
    | ContactChangeUndone
    | PrivacyRequestReceived
    | PrivacyRequestAnswered
)

# Operators are written to in the language of the bureau.
LOCALE_OF_OPERATORS = "zh-Hant"


def contact_of_account(event: AccountOpened | ContactChanged | ContactChangeUndone) -> Contact:
    return Contact(event.name, event.email, event.locale)


def activation_message(event: ActivationLinkIssued) -> Message:
    """Sealed with the account's id as context."""
    contact = Contact(event.name, event.email, event.locale)
    details = {"account_name": event.account_name, "expires_at": event.expires_at.isoformat()}
    return mail(
        event.event_id,
        Kind.ACTIVATION_LINK,
        event.account_id,
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def activated_message(event: AccountActivated, contact: Contact) -> Message:
    details = {"account_name": event.account_name, "activated_at": event.activated_at.isoformat()}
    return mail(event.event_id, Kind.ACCOUNT_ACTIVATED, event.account_id, contact, details)


def frozen_message(event: AccountFrozen, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "frozen_at": event.frozen_at.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return mail(event.event_id, Kind.ACCOUNT_FROZEN, event.account_id, contact, details)


def reactivated_message(event: AccountReactivated, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "reason": event.reason,
        "reactivated_at": event.reactivated_at.isoformat(),
    }
    return mail(event.event_id, Kind.ACCOUNT_REACTIVATED, event.account_id, contact, details)


def reminder_message(event: ReminderDue, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "notice_days": event.notice_days,
        "disabled_on": event.disabled_on.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return mail(event.event_id, Kind.REMINDER_DUE, event.account_id, contact, details)


def disabled_message(event: AccountDisabled, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "disabled_at": event.disabled_at.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return mail(event.event_id, Kind.ACCOUNT_DISABLED, event.account_id, contact, details)


def closed_message(event: AccountClosed, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "reason": event.reason,
        "closed_at": event.closed_at.isoformat(),
    }
    return mail(event.event_id, Kind.ACCOUNT_CLOSED, event.account_id, contact, details)


def password_reset_message(event: PasswordResetRequested) -> Message:
    """Sealed with the account's id as context; without a secret where the account has another way back."""
    details = {
        "account_name": event.account_name,
        "account_state": event.account_state,
        "requested_at": event.requested_at.isoformat(),
    }
    if event.expires_at is not None:
        details["expires_at"] = event.expires_at.isoformat()
    contact = Contact(event.name, event.email, event.locale)
    return mail(
        event.event_id,
        Kind.PASSWORD_RESET,
        event.account_id,
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def password_changed_messages(event: PasswordChanged) -> Iterator[Message]:
    """One to each address and each mobile of the account."""
    details = {
        "account_name": event.account_name,
        "how": event.how,
        "changed_at": event.changed_at.isoformat(),
    }
    kind = Kind.PASSWORD_CHANGED
    yield from _to_each(event, kind, event.account_id, details)
    for mobile in dict.fromkeys(event.mobiles):
        yield _message(event, kind, event.account_id, SMS, mobile, details)


def new_device_message(event: NewDeviceLogin) -> Message:
    """Sealed with the account's id as context."""
    details = {
        "account_name": event.account_name,
        "device": event.device,
        "came_from": event.came_from,
        "logged_in_at": event.logged_in_at.isoformat(),
        "expires_at": event.expires_at.isoformat(),
    }
    contact = Contact(event.name, event.email, event.locale)
    return mail(
        event.event_id,
        Kind.NEW_DEVICE_LOGIN,
        event.account_id,
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def second_factor_messages(event: SecondFactorChanged) -> Iterator[Message]:
    """One to each address of the account."""
    details = {
        "account_name": event.account_name,
        "change": event.change,
        "label": event.label or "",
        "remaining": event.remaining,
        "changed_at": event.changed_at.isoformat(),
    }
    yield from _to_each(event, Kind.SECOND_FACTOR_CHANGED, event.account_id, details)


def contact_changed_messages(event: ContactChanged) -> Iterator[Message]:
    """To the addresses as they were before and to a former mobile, with the way to undo it; to a new address without.

    Contacts are masked: whoever reads the mail at one of them need not learn the other.
    """
    details = {
        "account_name": event.account_name,
        "change": event.change,
        "contact_channel": event.channel,
        "old": masked_contact(event.old) if event.old else "",
        "new": masked_contact(event.new) if event.new else "",
        "changed_at": event.changed_at.isoformat(),
    }
    secret = {
        "sealed_secret": event.sealed_token,
        "secret_context": str(event.account_id),
        "expires_at": event.undo_until,
    }
    with_undo = {**details, "undo_until": event.undo_until.isoformat()}
    kind = Kind.CONTACT_CHANGED
    yield from _to_each(event, kind, event.account_id, with_undo, **secret)
    if event.channel == SMS and event.old and event.change in ("replaced", "removed"):
        yield _message(event, kind, event.account_id, SMS, event.old, with_undo, **secret)
    if event.channel == EMAIL and event.new and event.new not in event.emails:
        confirmed = Kind.CONTACT_CONFIRMED
        yield _message(event, confirmed, event.account_id, EMAIL, event.new, details)


def contact_change_undone_messages(event: ContactChangeUndone) -> Iterator[Message]:
    """One to each address of the account."""
    details = {"account_name": event.account_name, "undone_at": event.undone_at.isoformat()}
    yield from _to_each(event, Kind.CONTACT_CHANGE_UNDONE, event.account_id, details)


def privacy_request_received_messages(event: PrivacyRequestReceived) -> Iterator[Message]:
    details = {
        "account_name": event.account_name,
        "request_number": event.request_number,
        "request_kind": event.kind,
        "received_at": event.received_at.isoformat(),
        "due_on": event.due_on.isoformat(),
    }
    yield from _to_each(event, Kind.PRIVACY_REQUEST_RECEIVED, event.request_id, details)


def privacy_request_answered_messages(event: PrivacyRequestAnswered) -> Iterator[Message]:
    details = {
        "account_name": event.account_name,
        "request_number": event.request_number,
        "request_kind": event.kind,
        "outcome": event.outcome,
        "note": event.note,
        "answered_at": event.answered_at.isoformat(),
    }
    if event.outcome == PrivacyRequestAnswered.OUTCOME_EXTENDED:
        details["due_on"] = event.due_on.isoformat()
    yield from _to_each(event, Kind.PRIVACY_REQUEST_ANSWERED, event.request_id, details)


def privacy_request_due_messages(event: PrivacyRequestDueSoon) -> Iterator[Message]:
    """To the operators who answer such requests."""
    details = {
        "request_number": event.request_number,
        "request_id": str(event.request_id),
        "request_kind": event.kind,
        "received_at": event.received_at.isoformat(),
        "due_on": event.due_on.isoformat(),
        "days_left": event.days_left,
    }
    kind = Kind.PRIVACY_REQUEST_DUE
    for email in dict.fromkeys(event.emails):
        yield Message(
            message_id=message_id_for(event.event_id, kind, EMAIL, email),
            event_id=event.event_id,
            kind=kind,
            subject_id=event.request_id,
            channel=EMAIL,
            recipient=email,
            locale=LOCALE_OF_OPERATORS,
            details=details,
        )


def _to_each(
    event: Told, kind: Kind, subject_id: UUID, details: dict[str, Any], **more: Any
) -> Iterator[Message]:
    """One mail to each of the event's addresses."""
    for email in dict.fromkeys(event.emails):
        yield _message(event, kind, subject_id, EMAIL, email, details, **more)


def _message(
    event: Told,
    kind: Kind,
    subject_id: UUID,
    channel: str,
    recipient: str,
    details: dict[str, Any],
    **more: Any,
) -> Message:
    return Message(
        message_id=message_id_for(event.event_id, kind, channel, recipient),
        event_id=event.event_id,
        kind=kind,
        subject_id=subject_id,
        channel=channel,
        recipient=recipient,
        locale=event.locale,
        details={"name": event.name, **details},
        **more,
    )
