"""What is announced of accounts becomes messages to their owners, and of requests that are due to operators."""

from collections.abc import Iterable, Iterator
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
    ReactivationRefused,
    ReminderDue,
    SecondFactorChanged,
    SubscriberQueueFilling,
    SubscriberReminderDue,
)
from mtnet_contracts.vocabulary.masking import masked_contact

from notify.contact_points.rules import EMAIL, SMS, Address, account
from notify.messages.rules import Contact, Message, message_id_for, notice
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
    "ReactivationRefused",
    "ReminderDue",
    "SecondFactorChanged",
    "SubscriberQueueFilling",
    "SubscriberReminderDue",
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
    return notice(
        event.event_id,
        Kind.ACTIVATION_LINK,
        account(event.account_id),
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def activated_message(event: AccountActivated, contact: Contact) -> Message:
    details = {"account_name": event.account_name, "activated_at": event.activated_at.isoformat()}
    return notice(event.event_id, Kind.ACCOUNT_ACTIVATED, account(event.account_id), contact, details)


def frozen_message(event: AccountFrozen, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "frozen_at": event.frozen_at.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return notice(event.event_id, Kind.ACCOUNT_FROZEN, account(event.account_id), contact, details)


def reactivated_message(event: AccountReactivated, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "reason": event.reason,
        "reactivated_at": event.reactivated_at.isoformat(),
    }
    return notice(event.event_id, Kind.ACCOUNT_REACTIVATED, account(event.account_id), contact, details)


def reminder_message(event: ReminderDue, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "notice_days": event.notice_days,
        "disabled_on": event.disabled_on.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return notice(event.event_id, Kind.REMINDER_DUE, account(event.account_id), contact, details)


def disabled_message(event: AccountDisabled, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "disabled_at": event.disabled_at.isoformat(),
        "last_active_on": event.last_active_on.isoformat(),
    }
    return notice(event.event_id, Kind.ACCOUNT_DISABLED, account(event.account_id), contact, details)


def reactivation_refused_message(event: ReactivationRefused, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "reason": event.reason,
        "note": event.note,
        "refused_at": event.refused_at.isoformat(),
    }
    return notice(event.event_id, Kind.REACTIVATION_REFUSED, account(event.account_id), contact, details)


def closed_message(event: AccountClosed, contact: Contact) -> Message:
    details = {
        "account_name": event.account_name,
        "reason": event.reason,
        "closed_at": event.closed_at.isoformat(),
    }
    return notice(event.event_id, Kind.ACCOUNT_CLOSED, account(event.account_id), contact, details)


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
    return notice(
        event.event_id,
        Kind.PASSWORD_RESET,
        account(event.account_id),
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def password_changed_message(event: PasswordChanged) -> Message:
    """To each address and each mobile of the account."""
    details = {
        "account_name": event.account_name,
        "how": event.how,
        "changed_at": event.changed_at.isoformat(),
    }
    named = (*_mails(event.emails), *((SMS, mobile) for mobile in dict.fromkeys(event.mobiles)))
    return _message(event, Kind.PASSWORD_CHANGED, event.account_id, named, details)


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
    return notice(
        event.event_id,
        Kind.NEW_DEVICE_LOGIN,
        account(event.account_id),
        contact,
        details,
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.expires_at,
    )


def second_factor_message(event: SecondFactorChanged) -> Message:
    """To each address of the account."""
    details = {
        "account_name": event.account_name,
        "change": event.change,
        "label": event.label or "",
        "remaining": event.remaining,
        "changed_at": event.changed_at.isoformat(),
    }
    return _message(event, Kind.SECOND_FACTOR_CHANGED, event.account_id, _mails(event.emails), details)


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
    former = _mails(event.emails)
    gone = event.old if event.old != event.new and event.change in ("replaced", "removed") else None
    if event.channel == SMS and gone:
        former = (*former, (SMS, gone))
    yield _message(
        event,
        Kind.CONTACT_CHANGED,
        event.account_id,
        former,
        {**details, "undo_until": event.undo_until.isoformat()},
        sealed_secret=event.sealed_token,
        secret_context=str(event.account_id),
        expires_at=event.undo_until,
    )
    if event.channel == EMAIL and event.new and event.new not in event.emails:
        yield _message(event, Kind.CONTACT_CONFIRMED, event.account_id, _mails([event.new]), details)


def contact_change_undone_message(event: ContactChangeUndone) -> Message:
    """To each address of the account."""
    details = {"account_name": event.account_name, "undone_at": event.undone_at.isoformat()}
    return _message(event, Kind.CONTACT_CHANGE_UNDONE, event.account_id, _mails(event.emails), details)


def privacy_request_received_message(event: PrivacyRequestReceived) -> Message:
    details = {
        "account_name": event.account_name,
        "request_number": event.request_number,
        "request_kind": event.kind,
        "received_at": event.received_at.isoformat(),
        "due_on": event.due_on.isoformat(),
    }
    return _message(event, Kind.PRIVACY_REQUEST_RECEIVED, event.request_id, _mails(event.emails), details)


def privacy_request_answered_message(event: PrivacyRequestAnswered) -> Message:
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
    return _message(event, Kind.PRIVACY_REQUEST_ANSWERED, event.request_id, _mails(event.emails), details)


def privacy_request_due_message(event: PrivacyRequestDueSoon) -> Message:
    """To the operators who answer such requests."""
    details = {
        "request_number": event.request_number,
        "request_id": str(event.request_id),
        "request_kind": event.kind,
        "received_at": event.received_at.isoformat(),
        "due_on": event.due_on.isoformat(),
        "days_left": event.days_left,
    }
    kind, named = Kind.PRIVACY_REQUEST_DUE, _mails(event.emails)
    return Message(
        message_id=_id_of_the_first(event.event_id, kind, named),
        event_id=event.event_id,
        kind=kind,
        subject_id=event.request_id,
        named=named,
        locale=LOCALE_OF_OPERATORS,
        details=details,
    )


def subscriber_reminder_message(event: SubscriberReminderDue) -> Message:
    details = {
        "title": event.title,
        "system_name": event.name,
        "what": event.what,
        "items": ", ".join(event.items),
        "ends_on": event.ends_on.isoformat(),
        "days_left": event.days_left,
    }
    return _to_an_owner(event, Kind.SUBSCRIBER_REMINDER, details)


def subscriber_queue_message(event: SubscriberQueueFilling) -> Message:
    details = {
        "title": event.title,
        "system_name": event.name,
        "queue": event.queue,
        "messages": event.messages,
        "share": event.share,
        "oldest_hours": "" if event.oldest_hours is None else str(event.oldest_hours),
        "measured_at": event.measured_at.isoformat(),
    }
    return _to_an_owner(event, Kind.SUBSCRIBER_QUEUE, details)


def _to_an_owner(
    event: SubscriberReminderDue | SubscriberQueueFilling, kind: Kind, details: dict[str, Any]
) -> Message:
    """To the office that answers for a downstream system: no person of the portal."""
    named = _mails([event.email])
    return Message(
        message_id=_id_of_the_first(event.event_id, kind, named),
        event_id=event.event_id,
        kind=kind,
        subject_id=event.subscriber_id,
        named=named,
        locale=event.locale,
        details=details,
    )


def _mails(emails: Iterable[str]) -> tuple[Address, ...]:
    return tuple((EMAIL, email) for email in dict.fromkeys(emails))


def _message(
    event: Told,
    kind: Kind,
    subject_id: UUID,
    named: tuple[Address, ...],
    details: dict[str, Any],
    **more: Any,
) -> Message:
    """One message to all these addresses of the account's owner."""
    return Message(
        message_id=_id_of_the_first(event.event_id, kind, named),
        event_id=event.event_id,
        kind=kind,
        subject_id=subject_id,
        named=named,
        person=account(event.account_id),
        locale=event.locale,
        details={"name": event.name, **details},
        **more,
    )


def _id_of_the_first(event_id: UUID, kind: Kind, named: tuple[Address, ...]) -> UUID:
    """Each address once had a message of its own; the first one's id stays."""
    return message_id_for(event_id, kind, *(named[0] if named else (EMAIL, "")))
